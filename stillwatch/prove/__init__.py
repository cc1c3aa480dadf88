"""Whether a suspect model was trained on answers that were served: what was promised, what it says, how likely by chance.

    served texts → seal → plan → questions → answers of the suspect and of controls → tests → verdict

Seal and plan are written down before the suspect is asked (`seals.py`), keys before their first use (safeguards/watermark).
Every test asks the same: how likely is this if the suspect had nothing to do with the keys? Where that is not unlikely, it
says so.
"""
