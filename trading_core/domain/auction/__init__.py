"""The ascending auction: free bidding, timed rounds, reserve, priority right, price cap [04 §4.3–4.5, 05 §5.4, 5.6].

`rules` is what a notice states, `hall` where the bidding stands, `bids` which bids are good and what standing bids answer, `phases`
what follows when a phase ends. All of it is pure; `bidding` and `course` turn it into acts of a lot.
"""
