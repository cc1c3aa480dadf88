"""A made language: problems of counting, told and solved in words that could each have been another."""
