"""What is written beside a work order: its entries on the accounts, and what of it waits for a person."""
