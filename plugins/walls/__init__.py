"""What keeps the process of a plugin from Jobferry's memory, files and database, and from using up the machine."""
