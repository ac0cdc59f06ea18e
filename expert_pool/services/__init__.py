"""What is done with experts, one module per noun. Functions take a unit of work and never commit it."""
