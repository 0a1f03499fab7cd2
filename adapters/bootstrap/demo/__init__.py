"""`jobferry demo`: a tour of the main work on simulated systems, from start to end."""
