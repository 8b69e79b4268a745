"""Words joined, so that each phrase means one thing: contractions, idioms, numbers of years."""

from __future__ import annotations

CONTRACTIONS = (
    (r"(?<![\w+])\+ ?(?=[1-5]\b)", "more by "),
    (r"(?<=[a-z] )[-−](?=[1-5]\b)", "less by "),
    (
        r"\b(do|does|did|is|are|was|were|should|must|would|ca|could|wo|need|has|have|ai)"
        r"n(?: ?')?t\b",
        r"\1n't",
    ),
    (r"\b(do|does|did|is|should|must|would|could)(?: nt| n't|n t)\b", r"\1n't"),
    (r"\bdo(?:es)? not\b", "don't"),
    (r"\bcan not\b", "cannot"),
    (r"\bwanna\b", "want to"),
    (r"\bi d\b|\bid like\b", "i'd"),
    (r"\bpls\b|\bplz\b", "please"),
)

_LATE = r"(?:[6-9]\d|1\d\d|sixty|seventy|eighty|ninety|(?:a |one )?hundred)"

# Pattern -> what it means in words of the lexicon, tried in this order.
PHRASES: tuple[tuple[str, str], ...] = (
    (r"facial hair|five o'clock shadow|5 o'clock shadow|hair on (his|her|the) chin", "facial-hair"),
    (
        r"(hair|hairs|hairy|hairier) ((from|on|around|over|along) (his|her|the) )?"
        r"(chin|jaw|cheeks)",
        "facial-hair",
    ),
    (r"(clean|smooth|close) (shaven?|shaved)|shave(n|d)? (\w+ )?(face )?clean", "clean-shaven"),
    (
        r"hair (\w+ )?(down )?(on|over|across|in|onto|into) (his|her|the) (forehead|face|eyes)"
        r"|front hair",
        "bangs",
    ),
    (
        r"(turn )?(that|the|his|her|your) frown upside down|cheer(s)?( \w+)? up|lighten up"
        r"|(brighten|lift)( up)? (his|her|the|their) (mood|spirits)|perk( \w+)? up",
        "make more happy",
    ),
    (r"turn up the corners of (the|her|his) mouth", "make more happy"),
    (r"turn down the corners of (the|her|his) mouth", "make less happy"),
    (
        r"(poker|straight|blank|deadpan|neutral) (face|look)|neutral|expressionless|straight-faced",
        "neutral-expression",
    ),
    (r"from ear to ear|ear to ear", "as-can-be"),
    (r"middle[ -]?aged?", "middle-aged"),
    (r"(old|elderly|aged) (man|woman|lady|guy|gentleman|people|person|folk|age|timer)", "old-man"),
    (r"(in|into) (his|her|their) (fifties|sixties|seventies|eighties|nineties)", "into old-man"),
    (r"(in|into) (his|her|their) (teens|twenties)", "into teens"),
    (r"retired", "old-man"),
    (
        r"(turn|wind|roll|set) (back (the )?(clock|years|time)|(the )?(clock|years) back)( on)?",
        "rejuvenate",
    ),
    (r"(crack|flash|break into)( a| her| his)? (smile|grin)", r"add \3"),
    (r"i('d| would| will|'ll) be (happy|glad|delighted)( to| if)?", "please"),
    (r"say cheese", "smile"),
    (r"(for|at|into) the camera|for ages", ""),
    (r"in (a )?(better|good|great|happy) (mood|spirits)", "happy"),
    (r"in (a )?(bad|foul|sad|terrible) (mood|spirits)", "grumpy"),
    (r"let (the|his|her|their) (\w+) go", r"\2 has-to-go"),
    (r"out of", "away"),
    (r"(young|little|small) (boy|girl|child|kid)", "child"),
    (r"young (man|woman|lady|guy|person|adult)|young again", "young"),
    (r"baby[ -]?face", "baby"),
    (r"get(ting)? rid of|do(ing)? away with|take (out|leave) of|be rid of", "get-rid"),
    (
        r"(has|have|had|need|needs|ought|got|must|should|can|will) (got )?(to )?"
        r"(go|come off|leave)\b(?! (ahead|back|for))",
        "has-to-go",
    ),
    (r"(tone|turn|dial|calm)( (?:it|that))? down", "tone-down"),
    (r"(tone|turn|dial|calm) (the|her|his) (\w+) down", r"tone-down \3"),
    (r"(take|bring|tune) (the|her|his) (smile|grin|age|beard|glasses) down", r"tone-down \3"),
    (r"(turn|dial)( (?:it|that))? up", "increase"),
    (r"(turn|dial) (the|her|his) (\w+) up", r"increase \3"),
    (r"(levels?|steps?|notch|notches|degrees?|points?) down", "levels lower"),
    (r"(levels?|steps?|notch|notches|degrees?|points?) up", "levels more"),
    (
        r"as (it is|they are|is|he is|she is)|the way (it|he|she) is|the way they are"
        r"|how (it|he|she) is|how they are",
        "as-is",
    ),
    (r"hands off|steer clear of|stay away from|let (it|them) be", "keep"),
    (r"leave (out|off)", "remove"),
    (r"bring(?:ing)? (\w+ )?(\w+ )?back", r"add \1\2"),
    (r"de age|deage|un age", "rejuvenate"),
    (r"in (\w+) years( time)?", r"\1 years older"),
    (r"go(ing)? overboard( with)?|overdo(ing)?|easy on", "mention"),
    (r"(don't|do not) you (think|agree|reckon|feel)( that)?", "please"),
    (r"(isn't|aren't) (he|she|they)(?= too)", "please"),
    (r"(shouldn't|can't|couldn't|won't|wouldn't|mustn't) (he|she|they|we|i|it|you)", "please"),
    (r"at all|in any way|whatsoever", "at-all"),
    (r"for nothing", "away"),
    (
        r"no (need|reason|point)( at all)?|nobody (said|asked)( you)?( to)?|under no circumstances"
        r"|(wrong|mistake|shame|bad idea) to|rather (you|we) (didn't|did not)|by no means"
        r"|on no account|in no way|not allowed",
        "not-to",
    ),
    (r"never asked( you)?( for| to)?|never (said|told you) to", "not-to"),
    (r"(don't|do not) (worry|bother|care) (about|with)", "keep"),
    (r"(nothing|anywhere|nowhere) (but|except|besides|other than|apart from)", "mention"),
    (r"(everything|anything|all) (but|except|besides|other than|apart from)", "keep"),
    (r"(apart|aside) from|except for|only change|change only", "mention"),
    (r"(shave|knock|take|wipe|drop) (\w+ )?(\w+ )?(years|decades)( off)?", r"lose \2\3years"),
    (
        r"why (don't|not)( you| we)?|can't you|couldn't you|won't you|wouldn't you"
        r"|(don't|do not|never) (forget|hesitate|be afraid|fail|be shy) to"
        r"|(don't|do not) (worry|mind|bother me)|never mind|no (problem|worries|doubt)"
        r"|if you (don't|do not) mind|not only|wouldn't it be (nice|great|good) if|can't wait",
        "please",
    ),
    (
        r"as (?:very )?(\w+) as (?:possible|can be|you can|it gets|it can be|they come)",
        r"\1 as-can-be",
    ),
    (r"to the max|all the way|out loud", "as-can-be"),
    (
        rf"(when|like|as if|until|once) (he's|she's|he is|she is|they're) {_LATE}( years old)?",
        "into old-man",
    ),
    (
        rf"(look|looks|be|aged|turn|turned|age of|was|were) {_LATE}( years old)?",
        "look into old-man",
    ),
    (rf"{_LATE} years? old", "into old-man"),
    (r"(look|looks|be|aged|age of|was|were) (\d|1\d)( years? old)?", "look into teens"),
    (r"(\d|1\d) years? old", "into teens"),
    (r"\w+ years? old", "of some age-group"),
    (r"(twenty|thirty|[23]\d|eighteen|sixteen) again", "young"),
    (
        r"(is it|would it be) possible|is there (a|any) (way|chance)|do you think (you|we)"
        r"|have (him|her|them) (?=smile|grin|laugh|wear|grow|look|frown)",
        "please",
    ),
    (
        r"how (about|would|does|will|do|might)"
        r"|what (about|if|would|will|does|he'll|she'll|he'd|she'd)"
        r"|show me what|let's see (how|what)|i wonder how",
        "please",
    ),
    (r"as well as|along with|together with|in addition to|followed by|and also|and then", "and"),
    (r"rather than|in place of|in lieu of", "instead of"),
    (r"(a )?(clean|close|good|proper|quick|nice) shave", "clean-shaven"),
    (r"fast forward|skip ahead", "add"),
    (r"chin and cheeks|cheeks and chin", "chin"),
    (r"out and out|over and over|more and more", "more"),
)
