"""What an answer shows of the model's reasoning: nothing, or a summary. The answer itself stays as it is, to the byte.

One file for each interface says where in its documents reasoning stands; `stream.py` and `whole.py` change the bytes.
"""
