"""What an answer shows of the model's reasoning: nothing, a summary, or all of it in another order. The answer itself stays.

One file for each interface says where in its documents reasoning stands; `stream.py` and `whole.py` change the bytes, and
what has to be waited for, `awaited.py` fills in.
"""
