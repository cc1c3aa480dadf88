"""Stillwatch and its peers on the same data, in one run, as ratios of processor time, memory and quality."""
