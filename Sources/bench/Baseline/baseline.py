"""Stores, loads and bytes of each region of a canonical CSV: what a user would write with pandas."""

import sys

import pandas as pd

rows = pd.read_csv(sys.argv[1], usecols=["op", "size", "region"])
rows = rows[rows["op"].isin(["store", "load"])]
table = rows.pivot_table(
    index="region", columns="op", values="size", aggfunc=["count", "sum"], fill_value=0
)
table.to_csv(sys.stdout)
