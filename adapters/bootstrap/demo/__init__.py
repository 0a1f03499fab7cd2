"""`jobferry demo`: the main job from start to end on simulated systems, told in plain words."""
