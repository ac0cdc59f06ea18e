"""The platform from outside: what a program does that speaks to its API, like anyone's. Used by the commands and the demonstration.

Nothing here sees the database or the server's services; secrets of bidders and trustees stay in this process and in their own files.
"""
