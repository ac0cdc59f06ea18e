"""Clearing of divisible rights: what several bidders get of one quantity, and at which price [06 §6.2, §6.4, §6.5, §6.7].

Quantities are whole quanta, prices fen per unit; nothing is rounded but the sum that a party pays (`quantities.Quantum.fen`).
`sealed` clears all bids at once, `continuous` keeps a book of listings, `case` does a whole sealed clearing from one JSON document
to another, `rights` says who may sell and buy what. All of it is pure.
"""
