"""The ascending auction: free bidding, timed rounds, reserve, priority right, price cap [04 §4.3–4.5, 05 §5.4, 5.6].

`rules` is what a notice states, `hall` where the bidding stands, `entry` who may bid now, `bids` which bids are good and what standing
bids answer. All of it is pure; `bidding`, `priority` and `hosting` turn it into acts of a lot, `phases` into what the clock does.
"""
