"""Pages of codes: what is missing, the list, a record, and the inputs on other pages."""
