"""Sentences as people type them, written by hand and not by the grammar, and what each one asks.

Every second sentence is *held out*: nothing was built, tuned or trained by looking at how it is
read. The first of each two are *studied*: the reader of sentences was made with them at hand.

A line is a sentence and its meaning. ``beard+`` is a wish for more of an attribute, ``beard-`` for
less (``young-`` is older), in the order of the wishes; a digit is the degree, where the sentence
says it plainly. ``=beard`` says that the attribute is to stay as it is: an edit of it would be
the opposite of what was asked. An empty meaning is a sentence to be refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .attributes import attribute_index

PARTS = ("studied", "held_out")


@dataclass(frozen=True)
class Sentence:
    """A sentence, its wishes (attribute 0..4, direction -1 or +1, degree 1..5 or None for any) in
    order, and the attributes that must stay as they are.
    """

    text: str
    wishes: tuple[tuple[int, int, int | None], ...]
    kept: frozenset[int]


def sentence_of(line: str) -> Sentence:
    text, _, meaning = (part.strip() for part in line.partition("|"))
    wishes, kept = [], set()
    for _, before, name, after, degree in re.findall(
        r"((=)?(\w+?)([+-]?)([1-5]?))(?:\s|$)", meaning
    ):
        if before:
            kept.add(attribute_index(name))
        else:
            direction = {"+": 1, "-": -1}[after]
            wishes.append((attribute_index(name), direction, int(degree) if degree else None))
    return Sentence(text, tuple(wishes), frozenset(kept))


def sentences(part: str) -> tuple[Sentence, ...]:
    """The sentences of ``part``: "studied" or "held_out"; ``ValueError`` for another name."""
    if part not in PARTS:
        raise ValueError(f"part {part!r} is unknown; choose one of: {', '.join(PARTS)}")
    lines = [line for line in LINES.splitlines() if line.strip()]
    return tuple(sentence_of(line) for line in lines[PARTS.index(part) :: 2])


LINES = """
smile more | smiling+
make him happy | smiling+
she should look sad | smiling-
clean shaven please | beard-5
add a moustache | beard+
20 years older | young-
laugh | smiling+
glasses | eyeglasses+
make the bangs two levels longer | bangs+2
he needs a shave | beard-
give grandpa his youth back | young+
can we see her forehead | bangs-
i'd love to see him with a big bushy beard | beard+
lose the specs | eyeglasses-5
cheer her up a bit | smiling+1
wipe that silly grin off his face | smiling-5
make her look like she's in her seventies | young-
how would he look with a beard? | beard+
Could she maybe wear glasses? | eyeglasses+
let's see how she looks with a fringe | bangs+
why so serious? give us a smile! | smiling+
turn that frown upside down | smiling+
more hair on the forehead | bangs+
put some reading glasses on that man | eyeglasses+
he'd look great without the beard | beard-5
I think she looks better without glasses | eyeglasses-5
she'd be prettier if she smiled | smiling+
make him ten years younger | young+
take ten years off her face | young+
add ten years to his age | young-
age him by thirty years | young-
shave it off, the beard I mean | beard-5
trim the moustache a little | beard-1
a goatee would suit him | beard+
give the guy some stubble | beard+
i want him to have a five o'clock shadow | beard+
Get rid of his mustache, please. | beard-5
facial hair | beard+
Grow his beard out | beard+
beard | beard+
No beard. | beard-5
no specs | eyeglasses-5
younger | young+
older please | young-
much older | young-3
a bit younger | young+1
smile! | smiling+
happier | smiling+
sadder | smiling-
wider smile | smiling+
longer fringe | bangs+
shorter bangs | bangs-
sunglasses | eyeglasses+
shades | eyeglasses+
eyewear | eyeglasses+
grin | smiling+
bangs! | bangs+
fringe | bangs+
grumpy | smiling-
a smile | smiling+
full beard | beard+5
clean shave | beard-5
thick glasses | eyeglasses+
bushy beard | beard+
neutral face | smiling-
poker face | smiling-
serious expression | smiling-
old man | young-
baby face | young+
make her a little girl | young+
don't touch her glasses | =eyeglasses
please don't remove the beard | =beard
Please don't make her older. | =young
never take off the glasses | =eyeglasses
do not shave him | =beard
don't cut her bangs | =bangs
leave the fringe as it is | =bangs
leave his beard alone | =beard
keep the glasses | =eyeglasses
keep her smile the way it is | =smiling
don't change his age | =young
the beard stays | =beard
her smile is perfect as it is | =smiling
i don't want you to take the glasses off | =eyeglasses
I would rather you didn't shorten the bangs | =bangs
no need to make him younger | =young
there is no need to shave | =beard
you must not remove her glasses | =eyeglasses
you shouldn't trim the beard | =beard
under no circumstances shorten the bangs | =bangs
hands off the beard | =beard
dont make him smile less | =smiling
don't you dare shave that beard | =beard
can you not make her older | =young
could you please not touch the bangs | =bangs
do nothing to the glasses | =eyeglasses
her glasses must stay on | =eyeglasses
the bangs should stay the same length | =bangs
make no change to his beard | =beard
without changing the smile | =smiling
he shouldn't get any older | =young
she mustn't look any younger | =young
I never asked for a beard removal | =beard
stop making her older | =young
avoid making the bangs longer | =bangs
refrain from removing the glasses | =eyeglasses
it would be wrong to remove his beard | =beard
don't lengthen the fringe | =bangs
don't add a beard | =beard
do not add glasses please | =eyeglasses
please do not give her bangs | =bangs
don't put glasses on him | =eyeglasses
not older | =young
not longer bangs | =bangs
no longer bangs please | =bangs
i wouldn't remove the beard | =beard
nobody said to remove the glasses | =eyeglasses
let him keep his beard | =beard
let her keep the glasses on | =eyeglasses
preserve the bangs | =bangs
I like her glasses, don't remove them | =eyeglasses
his beard is nice, don't shave it | =beard
the bangs are fine, no need to cut them | =bangs
She is smiling enough already, don't widen it | =smiling
don't smile | smiling-
don't smile so much | smiling-
he shouldn't smile | smiling-
she shouldn't wear glasses | eyeglasses-5
I don't want a beard on him | beard-5
i don't like his beard, take it away | beard-5
he should not look so old | young+
don't look so grumpy | smiling+
make her not smile | smiling-
not so old please | young+
make him look not so young | young-
she doesn't need bangs | bangs-
he doesn't need those glasses, take them off | eyeglasses-5
nobody needs that beard, shave it | beard-5
without glasses | eyeglasses-5
without a beard please | beard-5
show her without the fringe | bangs-5
minus the glasses | eyeglasses-5
I can't see her forehead, cut the bangs | bangs-
not enough beard | beard+
the smile is not wide enough | smiling+
she isn't smiling enough | smiling+
he's not old enough | young-
the bangs aren't long enough | bangs+
his beard isn't thick enough, make it thicker | beard+
she looks too old | young+
too much beard | beard-
too young | young-
he smiles too much | smiling-
her bangs are too long | bangs-
the fringe is far too short | bangs+
less beard | beard-
fewer bangs | bangs-
less grumpy | smiling+
less serious | smiling+
look less happy | smiling-
don't be so serious | smiling+
stop frowning | smiling+
stop smiling | smiling-
no more glasses | eyeglasses-5
no more smiling | smiling-
enough with the beard, get rid of it | beard-5
never smile again | smiling-
make her smil more | smiling+
make him hapy | smiling+
remove the galsses | eyeglasses-5
take off teh glasses | eyeglasses-5
shorter bngs | bangs-
make the fring longer | bangs+
add a beerd | beard+
give him a baerd | beard+
shaev him | beard-5
make her yonger | young+
make him lok older | young-
make him oldr | young-
remov the beard | beard-5
remove the glases completely | eyeglasses-5
put eyeglases on her | eyeglasses+
add sunglases | eyeglasses+
a wider smlie | smiling+
trimm the beard | beard-
make the bangs shoter | bangs-
lenghten the bangs | bangs+
make her lauhg | smiling+
let him gin from ear to ear | smiling+
grow a mustahce | beard+
she shoud look sad | smiling-
clean shavn please | beard-5
a slighlty longer fringe | bangs+1
make the bears longer | beard+
pleese make her look younger | young+
no galsses | eyeglasses-5
dont touch the glases | =eyeglasses
do nt remove the beard | =beard
dont remove teh beard | =beard
plase don't make her oldre | =young
nver take off the glasses | =eyeglasses
leave the frnge as it is | =bangs
keep teh beard | =beard
withuot glasses | eyeglasses-5
make him a biy younger | young+
mkae her smile | smiling+
ad glasses | eyeglasses+
more baerd | beard+
fulll beard | beard+5
make her loook happier | smiling+
sunglasess on him | eyeglasses+
make him yuonger and add a beard | young+ beard+
make the smilee bigger | smiling+
make him younger and give him glasses | young+ eyeglasses+
remove the beard and add glasses | beard-5 eyeglasses+
smile more and look younger | smiling+ young+
longer bangs and a big smile | bangs+ smiling+
take off the glasses, then shave him | eyeglasses-5 beard-5
make her older but keep the glasses | young- =eyeglasses
shave him but leave the smile as it is | beard-5 =smiling
make her smile without changing the bangs | smiling+ =bangs
make him older without removing the beard | young- =beard
glasses and a beard | eyeglasses+ beard+
younger and happier | young+ smiling+
no glasses and no beard | eyeglasses-5 beard-5
no beard, no glasses, big smile | beard-5 eyeglasses-5 smiling+
older, bearded and serious | young- beard+ smiling-
First remove the bangs, after that make her laugh | bangs-5 smiling+
make him younger, don't touch the beard | young+ =beard
don't remove the glasses, just make her smile | smiling+ =eyeglasses
don't remove the beard, trim it | beard-
make her younger, not older | young+
not younger, older! | young-
the bangs should be shorter, not longer | bangs-
shorter rather than longer bangs | bangs-
instead of glasses give him a beard | eyeglasses-5 beard+
give her bangs instead of glasses | bangs+ eyeglasses-5
trim the beard a bit and make him look a lot younger | beard-1 young+3
add glasses; remove the smile | eyeglasses+ smiling-5
she should smile and wear glasses | smiling+ eyeglasses+
a younger version of him with a beard | young+ beard+
make her look older with glasses | young- eyeglasses+
I want him older, with a long beard and no glasses | young- beard+ eyeglasses-5
shorten the fringe and lengthen the beard | bangs- beard+
take the beard off and put a smile on | beard-5 smiling+
make the bangs longer and the beard shorter | bangs+ beard-
less beard more smile | beard- smiling+
give her longer bangs as well as glasses | bangs+ eyeglasses+
both older and sadder | young- smiling-
make her happy and young again | smiling+ young+
remove glasses & beard | eyeglasses-5 beard-5
take away her glasses and bangs | eyeglasses-5 bangs-5
lose the beard but not the glasses | beard-5 =eyeglasses
change nothing except the smile, make it bigger | smiling+
Keep everything, only make him older. | young-
do not make her older or remove the glasses | =young =eyeglasses
neither glasses nor a beard | eyeglasses-5 beard-5
older but without a beard | young- beard-5
smile, but don't laugh | smiling+
make him grin and take five years off | smiling+ young+
I'd like a shorter beard, and could you also add specs? | beard- eyeglasses+
make the glasses three steps bigger | eyeglasses+3
one degree younger | young+1
two notches happier | smiling+2
increase the smile by 3 | smiling+3
four levels older | young-4
beard two levels down | beard-2
make the beard 2 levels shorter | beard-2
raise the bangs by one level | bangs+1
a tiny bit happier | smiling+1
way older | young-4
a whole lot younger | young+3
make his beard super long | beard+
as old as can be | young-5
completely clean shaven | beard-5
make her beam with joy | smiling+
give her a cheeky grin | smiling+
I want to see teeth, a real smile | smiling+
make him look miserable | smiling-
she seems a bit gloomy, brighten her mood | smiling+
he should be smiling | smiling+
let the lady look delighted | smiling+
can you make this guy look unhappy | smiling-
make her look depressed | smiling-
tone the smile down | smiling-
make him stop grinning like an idiot | smiling-
a gentle smile would be nice | smiling+
wish he looked more cheerful | smiling+
bring back her smile | smiling+
make her frown | smiling-
turn him into a toddler | young+
as a teenager | young+
make her look like a granny | young-
what would she look like as an old lady | young-
show me what he'll look like when he's 80 | young-
take him back to his childhood | young+
a few years younger, please | young+
make him look middle aged | young-
she wants to look twenty again | young+
fast forward twenty years | young-
let him age gracefully | young-
make her look more mature | young-
elderly | young-
can he be a kid? | young+
make her look fresher and more youthful | young+
she should look about ten years older than now | young-
hide his glasses | eyeglasses-
swap the glasses for nothing, just the bare face | eyeglasses-
give him nerdy glasses | eyeglasses+
ray-bans please, dark sunglasses | eyeglasses+
get those glasses off her face | eyeglasses-5
let him put on his spectacles | eyeglasses+
the frames should be chunkier | eyeglasses+
ditch the shades | eyeglasses-5
take her sunglasses off | eyeglasses-5
he forgot his glasses, put them back on | eyeglasses+
she needs glasses | eyeglasses+
what about glasses on her? | eyeglasses+
with glasses | eyeglasses+
I want the woman to wear spectacles | eyeglasses+
make him look like Santa, long beard | beard+
let it grow, the beard | beard+
bring the beard back | beard+
more whiskers | beard+
the chin should be smooth, no beard | beard-5
shave | beard-5
please shave this man | beard-5
remove every hair from his chin and cheeks | beard-5
he should grow a moustache | beard+
make the stubble thicker | beard+
lose the whiskers | beard-5
a thinner beard | beard-
let him have a beard | beard+
make him more hairy around the chin | beard+
is it possible to give him a shorter beard? | beard-
I want the bangs gone | bangs-5
cut the fringe right off | bangs-5
let her hair fall over the forehead | bangs+
she could use some bangs | bangs+
give her a fringe like in the sixties | bangs+
bangs down to her eyes please | bangs+
sweep the bangs away from the forehead | bangs-
push the fringe off her face | bangs-
chop the bangs a bit | bangs-1
let her bangs grow out a little | bangs+1
hide her forehead | bangs+
show more forehead | bangs-
her fringe has to go | bangs-5
can she have bangs | bangs+
bangs shorter | bangs-
beard longer | beard+
glasses off | eyeglasses-5
glasses on | eyeglasses+
smile off | smiling-
more bangs | bangs+
make her blonde |
give him a hat |
change the eye color to green |
make the nose smaller |
what's the weather like? |
hello |
who is this? |
turn it into a painting |
make it better |
nice picture |
make the background blue |
add a necklace |
remove the earrings please |
I'm not sure what I want |
do something |
undo |
no |
make her bald |
cut his hair |
longer hair please |
shave his head |
straighten her teeth |
a glass of water please |
put the glasses on the table |
clean the windows |
the old man and the sea |
my old car is broken |
how old is he? |
happy birthday! |
is she smiling? | =smiling
does he have a beard? | =beard
why is she wearing glasses? | =eyeglasses
I like his beard | =beard
nice glasses | =eyeglasses
she has a lovely smile | =smiling
he used to have a beard | =beard
he is young | =young
a longer neck |
bigger ears |
make the tie shorter |
trim the hedge |
add more contrast |
make the photo look older and faded |
less noise |
bang |
let there be light |
open the door |
whatever you think is best |
please |
thanks a lot |
leave it as it is |
don't change anything |
change nothing at all |
leave everything alone |
make him taller |
thicker eyebrows |
don't make her taller |
make her lips fuller |
remove the hat but keep the glasses | =eyeglasses
make his hair longer, not his beard | =beard
the weather is nice and I am happy |
give me a younger dog |
she has old shoes, replace them |
"""
