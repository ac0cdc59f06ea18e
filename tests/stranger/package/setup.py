"""A trade type from elsewhere: it needs Gongxin, and Gongxin knows nothing of it."""
from setuptools import setup

setup(
    name="gongxin-reeds",
    version="1.0",
    packages=["reeds"],
    package_data={"reeds": ["messages/*.toml"]},
    entry_points={"gongxin.plugins": ["reeds = reeds"]},
)
