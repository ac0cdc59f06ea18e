"""What is done with credit records, one module per noun. Functions take a unit of work and never commit it."""
