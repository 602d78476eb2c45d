"""Phrases by which learners say how it goes, English and German. Data only; `text.py` reads it.

All patterns meet lower-case text without apostrophes ("dont"), one clause at a time. They are
chosen for precision: absence of a phrase carries no evidence, so a missed one costs little.
"""

from __future__ import annotations

import re

_OBJECT = r"(?= (?:it|this|that|these|how|why|what|any|the|step|question|one)\b|$)"

CONFUSED = (
    rf"\b(?:do|does|did|can|could)(?:nt| not)(?: really| even| quite| still| fully)* "
    rf"(?:get|understand|follow){_OBJECT}",
    r"\b(?:can|could)not (?:understand|follow)\b",
    r"\bcant (?:understand|follow)\b",
    r"\bim (?:so |really |totally |completely |a bit |still |very |just )*(?:lost|stuck)\b",
    r"\bi am (?:so |really |totally |completely |a bit |still |very |just )*(?:lost|stuck)\b",
    r"\bconfus(?:ed|ing)\b",
    r"\bmakes? no sense\b",
    r"\b(?:doesnt|does not|dont) make (?:any )?sense\b",
    r"\b(?:have|got|ive) no (?:idea|clue)\b",
    r"^no (?:idea|clue)\b",
    r"\bwhat does (?:this|that|it) (?:even |actually )?mean\b",
    r"^huh\b",
    r"\b(?:versteh|kapier|check|begreif|raff)e? (?:ich )?(?:\w+ ){0,3}nichts?\b",
    r"\bnicht (?:ganz |so |richtig |wirklich )*(?:verstanden|kapiert|klar)\b",
    r"\bkeine ahnung\b",
    r"\bverwirr(?:t|end)\b",
    r"^hä+h?\b",
    r"\bbin (?:völlig |ganz |total |gerade )*(?:lost|verloren|raus|überfordert)\b",
    r"\bkomme? (?:hier |da )?nicht weiter\b",
    r"\bblicke? (?:ich )?(?:\w+ ){0,2}nicht durch\b",
    r"\b(?:macht|ergibt) (?:gar |überhaupt )*keinen sinn\b",
)
ANNOYED = (
    r"\b(?:stupid|dumb|annoying|annoyed|frustrat(?:ed|ing)|ridiculous|pointless)\b",
    r"\bi hate (?:this|it|these|maths?|fractions|school)\b",
    r"\b(?:this|it) sucks\b",
    r"^(?:u+gh+|a+r+gh+)\b",
    r"\b(?:fed up|sick of|waste of time|so unfair)\b",
    r"\bi give up\b",
    r"\bnothing works\b",
    r"\bnerv(?:t|ig|end)\b",
    r"\b(?:doof|doofe[rsn]?|blöde?[rsn]?|scheiße?)\b",
    r"\bich hasse\b",
    r"\bfrustrier(?:t|end)\b",
    r"\bzum kotzen\b",
    r"\bich gebe? auf\b",
    r"\b(?:reicht mir|mir reichts|kein(?:en)? bock)\b",
)
BORED = (
    r"\b(?:boring|bored)\b",
    r"\b(?:too|way too|far too|so) easy\b",
    r"\bi already know (?:this|all|that|it|how)\b",
    r"^yawn\b",
    r"\b(?:langweilig|langweilt|langweile)\b",
    r"\bzu (?:leicht|einfach)\b",
    r"\b(?:kann|weiß) ich (?:doch )?(?:schon|alles|längst)\b",
    r"^gähn\b",
)
HEDGES = (
    r"\bi (?:guess|suppose)\b",
    r"\b(?:maybe|perhaps|not sure|just guessed|i guessed|im unsure)\b",
    r"\b(?:vielleicht|glaube ich|glaub ich|nicht sicher|geraten|schätze ich)\b",
)
# "I was confused, now I get it": what comes after it no longer holds.
RESOLVED = (
    r"(?<!not )(?<!nt )\bgot it\b",
    r"\bi (?:now |finally |do )?(?:get|understand|see)(?: (?:it|this|that))?(?: now)?$",
    r"\bnow i (?:get|got|see|understand|know)\b",
    r"\b(?:ah+|oh+|ok|okay|aha)\b.*\bi (?:get|got|see|understand|know)\b",
    r"(?<!no )\b(?:makes|made) sense(?: now)?$",
    r"\bnever ?mind\b",
    r"\bnot any ?more\b",
    r"\bjetzt (?:verstehe?|kapiere?|checke?|habe?|weiß|geht|ist (?:es|alles) klar)\b"
    r"(?!.*\bnichts?\b)",
    r"\b(?:ach ?so|aha|alles klar|schon gut|hat sich erledigt)\b",
    r"\bhabe? (?:ich )?(?:es|das|ich es|ichs)?(?: jetzt)? ?verstanden\b",
    r"^macht (?:jetzt )?sinn\b",
)
NEGATORS = frozenset(
    re.split(
        " ",
        "not never isnt wasnt arent werent dont doesnt didnt hardly without "
        "nicht nie niemals kaum kein keine keinen",
    )
)
NEGATORS_AFTER = frozenset(["nicht", "nie"])  # "langweilig ist das nicht"
# About the past, unless it is said to last.
PAST = re.compile(
    r"\b(?:i|we) (?:was|were|had been|used to be)\b|\b(?:ich|wir) waren?\b|\bwar ich\b"
)
STILL = re.compile(r"\b(?:still|immer noch|noch immer)\b")
# About somebody else.
OTHERS = re.compile(
    r"\b(?:he|she|(?:my|the) (?:\w+ )?(?:friend|brother|sister|mum|mom|dad|teacher|character)"
    r"|er|meine? (?:freund(?:in)?|bruder|schwester|mama|papa)) (?:\w+ ){0,2}$"
)
# Not judged, not weighed, not negated: a person looks at it.
SAFETY = (
    r"\bkill(?:ing)? (?:myself|me please)\b",
    r"\bsuicid(?:e|al)\b",
    r"\b(?:hurt|hurting|cut|cutting|harm|harming) myself\b",
    r"\bself ?harm(?:ing)?\b",
    r"\bwant to die\b",
    r"\bwanna die\b",
    r"\bend my life\b",
    r"\b(?:dont|do not) want to (?:live|be alive)\b",
    r"\b(?:hits|beats|touches|abuses|abused) me\b",
    r"\b(?:selbstmord|suizid)\w*\b",
    r"\b(?:mich|mir) (?:\w+ )?(?:umbringen|umzubringen|wehtun|verletzen|ritzen)\b",
    r"\bmir (?:et)?was antun\b",
    r"\b(?:bringe?|verletze?|ritze?) (?:ich )?mich(?: um)?\b",
    r"\b(?:nicht mehr leben|will sterben|möchte sterben)\b",
    r"\bmein leben beenden\b",
    r"\b(?:schlägt|missbraucht) mich\b",
)
