"""How many pairs of prompts that were made from one template are found, and how many found pairs were not."""
