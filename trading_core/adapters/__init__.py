"""Everything that touches the outside: database, keys, clock, entropy, files, paper, queues."""
