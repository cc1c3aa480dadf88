"""What Glasswally looks for in texts, said again as regular expressions over lower-case text.

From its documents: phrases of the 2026-02 disclosure that ask for reasoning, grading or rewriting; capability domains;
roles in system prompts; topics; what a model refuses; and questions about invisible marks.
"""

from __future__ import annotations

ELICITS = (
    r"chain[ -]of[ -]thought|step[ -]by[ -]step|(articulate|walk through|trace) (the|your)( internal)? reasoning|"
    r"(show|write out) (each|every) step|explain your reasoning (process|chain)|internal reasoning behind|"
    r"transparent reasoning|rubric-based (grading|scoring)|act as an? (judge|grader|evaluator)|reward model|"
    r"reinforcement learning|labell?ed tuple|censorship[ -]safe|informational intent|politically sensitive|"
    r"respond only (in|with) json|statistical rigor"
)
DOMAINS = {
    "reasoning": r"chain of thought|step by step",
    "agentic": r"tool_call|tool use|multi-step plan|agent loop",
    "coding": r"implement|production-grade|unit test",
    "vision": r"computer-use|screenshot|vision agent",
    "grading": r"reward model|rubric|reinforcement",
    "rewriting": r"censorship-safe|politically",
    "data": r"data analyst|statistical rigor",
}
VERBS = "implement|explain|analyze|generate|translate|summarize|compare|evaluate|describe|list|write|create|provide|show|tell"
ROLES = (
    r"always provide complete|never (refuse|say you cannot)|do not (add disclaimers|include warnings|omit anything)|"
    r"omit caveats|without restrictions|maximum detail|explain your step-by-step|every step of your reasoning|"
    r"detailed chain of thought|reason through each step|think aloud before|(you are|act as) an expert|"
    r"you are a (highly skilled|world-class|top-tier)|used to train|responses are being recorded|to another ai|"
    r"training examples|cover all aspects|provide exhaustive|comprehensive and thorough|all relevant details|"
    r"format your answer in json|structure your response as|must be parseable|use xml tags"
)
CHAIN = r"(task|step|question) 1:|first,.*then,.*finally,"
PROBES = (
    r"zero[- ]width|(invisible|hidden) character|unicode steganograph|watermark detection|u200[bcd]|zwsp|"
    r"strip whitespace|normalize unicode|remove formatting characters"
)
MARKS = "[\u200b\u200c\u200d]"  # zero-width space, non-joiner and joiner
REFUSED = {
    "violence": r"how to (kill|hurt|attack|assault|stab|shoot)|(make|build) a weapon|instructions for violence",
    "drugs": r"how to (synthesize|extract|make (meth|fentanyl|mdma))|drug synthesis|precursor chemicals|cook meth",
    "cbrn": r"(biological|chemical) weapon|nerve agent|sarin|ricin|anthrax|radiological|dirty bomb|bioweapon",
    "cybercrime": r"write malware|create a virus|ransomware|exploit code|sql injection|phishing|hack into|keylogger",
    "self_harm": r"commit suicide|self-harm|overdose on|painless way to die|end my life",
    "explicit": r"(explicit|graphic) sexual|pornographic|sexual content involving|erotic story",
    "fraud": r"(credit card|social security|insurance) fraud|how to (scam|counterfeit)|fake id|identity theft",
    "privacy": r"someone's address|track someone without|stalk|doxx|(personal|private) information",
}
TOPICS = {  # the first that fits, in this order; then "other": twelve in all
    "code": r"def |function|class |implement|algorithm|code|python|rust|javascript|sql|api",
    "math": r"calculate|equation|integral|derivative|probability|matrix|statistics|theorem|proof|geometry|algebra",
    "science": r"biology|chemistry|physics|quantum|thermodynamic|molecule|experiment|hypothesis",
    "medicine": r"diagnosis|symptom|treatment|medication|disease|patient|clinical|pharmacol",
    "law": r"legal|statute|contract|liability|jurisdiction|court|regulation|compliance",
    "finance": r"investment|stock|portfolio|financial|revenue|accounting|valuation|economics",
    "creative": r"write a story|poem|creative|fiction|narrative|character|plot",
    "reasoning": r"step by step|reasoning|deduce|infer|logic|argument|conclude",
    "language": r"translate|grammar|language|spanish|french|chinese|japanese|arabic",
    "factual": r"history|explain|what is|who was|when did|where|describe",
    "safety": r"safe|harmful|ethical|dangerous|appropriate",
}
CLOUDS = r"amazon|google|microsoft|alibaba|tencent|oracle"  # large legitimate use too; other hosting counts for more
