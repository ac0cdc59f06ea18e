"""Packaging of Gongxin. Packages are listed by name; tests are never installed."""
from pathlib import Path

from setuptools import find_packages, setup

PACKAGES = ("trading_core", "plugins", "expert_pool", "credit", "web")
DATA = tuple(f"**/*.{kind}" for kind in ("toml", "json", "jinja2", "css", "js", "svg", "csv", "txt"))

setup(
    name="gongxin",
    version="0.1.0",
    description="Gongxin 公信: a public resource trading platform that anyone can check",
    long_description=Path("README.md").read_text("utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=[p for name in PACKAGES for p in find_packages(include=[name, f"{name}.*"])],
    include_package_data=True,
    package_data={name: [*DATA] for name in PACKAGES},
    install_requires=[
        line for line in Path("requirements.in").read_text("utf-8").splitlines() if line and not line.startswith("#")
    ],
    entry_points={
        "console_scripts": ["gongxin = trading_core.cli:main"],
        "gongxin.plugins": [
            "engineering = plugins.engineering",
            "intermediary = plugins.intermediary",
            "land = plugins.land",
            "property_rights = plugins.property_rights",
            "expert_pool = expert_pool",
            "credit = credit",
        ],
    },
)
