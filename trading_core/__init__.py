"""The core of Gongxin: what every trade shares. Knows no plugin, no web framework and no task queue in its rules."""
