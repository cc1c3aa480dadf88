"""What is raced: functions that read a folder, which is not counted, and return the work, which is.

Work that returns a dict answers: its columns are compared, its numbers are told. A peer's module needs nothing of stillwatch.
"""
