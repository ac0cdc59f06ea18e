"""The commands of ``gongxin``: one module each, with its `NAME`, what it `add`s to the command line, and `run`."""
