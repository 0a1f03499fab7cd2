"""Messages about connections and their plugins."""
