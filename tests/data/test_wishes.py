"""Sentences clause by clause: what is denied, what turns round, what one clause hands on."""

from __future__ import annotations

import re

import pytest

from editable_deepsc.data.attributes import ATTRIBUTES
from editable_deepsc.data.instructions import templates
from editable_deepsc.data.sentences import PARTS, sentence_of, sentences
from editable_deepsc.data.spelling import mended, words_of
from editable_deepsc.data.wishes import read_request

# In the notation of data/sentences.py.
DENIED = """
don't let him lose the beard | =beard
I don't want her any younger | =young
I don't want her glasses removed | =eyeglasses
i don't want longer bangs | =bangs
I don't want less beard | =beard
he isn't smiling | =smiling
he never smiles | =smiling
it's not that I want him older | =young
whatever you do, don't shave him | =beard
anything but glasses | =eyeglasses
please refrain from changing her age | =young
there's no reason to remove her specs | =eyeglasses
I'd prefer if you kept the beard | =beard
don't make her look sad | =smiling
don't make him so old | =young
keep the glasses but remove the beard | beard-5 =eyeglasses
keep the beard and add glasses | eyeglasses+ =beard
remove everything but the glasses | =eyeglasses
make him older and don't touch the glasses | young- =eyeglasses
make him older, and please don't touch the glasses | young- =eyeglasses
make her younger but not happier | young+ =smiling
the glasses should not be removed | =eyeglasses
the beard should never be trimmed | =beard
her bangs should not be shorter | =bangs
I love her glasses, keep them | =eyeglasses
what a lovely beard! | =beard
does she wear glasses? | =eyeglasses
domt remove the beard | =beard
donr remove the glasses | =eyeglasses
nto older | =young
keeep the beard | =beard
laeve the beard as it is | =beard
keep smiling | =smiling
don't stop smiling | =smiling
make her smile wider but keep the bangs short | smiling+ =bangs
leave her age but remove the fringe | bangs-5 =young
don't cover her forehead | =bangs
don't show her forehead | =bangs
he would look terrible with a beard | =beard
she would look terrible without her glasses | =eyeglasses
it would be a shame to lose the beard | =beard
i can't stand his beard | =beard
make her smile, please, and don't take off her glasses | smiling+ =eyeglasses
never let her smile | =smiling
never let him wear glasses | =eyeglasses
don't let her wear glasses | =eyeglasses
don't allow her to age | =young
she can't wear glasses in this picture | =eyeglasses
glasses aren't allowed | =eyeglasses
don't make her too old | =young
I don't think you should remove the beard | =beard
let's not touch the beard | =beard
let's not make him older | =young
let us keep the bangs | =bangs
let the glasses stay | =eyeglasses
the glasses can stay | =eyeglasses
don't even think about removing the beard | =beard
I told you to keep the beard | =beard
make sure the glasses stay on | =eyeglasses
make sure the beard is not removed | =beard
be careful not to remove the beard | =beard
try not to change the smile | =smiling
do whatever but don't make her older | =young
change anything but the glasses | =eyeglasses
take the glasses off, not the beard | eyeglasses-5 =beard
make the smile, not the glasses, bigger | smiling+ =eyeglasses
add glasses while keeping the beard | eyeglasses+ =beard
add a beard while leaving the smile alone | beard+ =smiling
make her older, keeping the glasses | young- =eyeglasses
add glasses without touching the beard | eyeglasses+ =beard
make her younger without making her smile | young+ =smiling
my glasses are dirty | =eyeglasses
where are my glasses | =eyeglasses
are you happy? | =smiling
i am happy | =smiling
"""
SEVERAL = """
glasses but no beard | eyeglasses+ beard-5
make her younger but no smile | young+ smiling-5
more smile, less beard | smiling+ beard-
longer bangs, shorter beard | bangs+ beard-
bangs longer, beard shorter | bangs+ beard-
younger with no glasses | young+ eyeglasses-5
younger, no glasses, no beard, big smile | young+ eyeglasses-5 beard-5 smiling+
he should be older and wear glasses | young- eyeglasses+
give him a beard, glasses and a smile | beard+ eyeglasses+ smiling+
shave him, then make him smile, then make him younger | beard-5 smiling+ young+
make the smile bigger and the beard smaller | smiling+ beard-
make her look like a happy grandma | smiling+ young-5
a sad old man | smiling- young-5
an old man with a beard and glasses | young-5 beard+ eyeglasses+
swap his beard for glasses | beard-5 eyeglasses+
replace the beard with a smile | beard-5 smiling+
trade the glasses for a beard | eyeglasses-5 beard+
beard instead of glasses | beard+ eyeglasses-5
a beard rather than glasses | beard+ eyeglasses-5
make her look happy with longer bangs and no glasses | smiling+ bangs+ eyeglasses-5
with a fringe but without the glasses | bangs+ eyeglasses-5
I want a younger, happier her | young+ smiling+
make him look younger by two levels and happier by three | young+2 smiling+3
shorten the bangs by one level and the beard by two | bangs-1 beard-2
remove bangs and glasses, add beard | bangs-5 eyeglasses-5 beard+
no bangs, no glasses, no beard, no smile | bangs-5 eyeglasses-5 beard-5 smiling-5
bangs, glasses, beard | bangs+ eyeglasses+ beard+
old with glasses | young- eyeglasses+
make him an old man with a long beard | young-5 beard+
make her a teenager with glasses | young+5 eyeglasses+
make her glasses disappear and let her laugh | eyeglasses-5 smiling+
with longer bangs and without glasses | bangs+ eyeglasses-5
a bearded old man | beard+ young-5
smiling and younger | smiling+ young+
make her a granny with glasses | young-5 eyeglasses+
yes to glasses, no to the beard | eyeglasses+ beard-
"""
ASKED = """
don't forget to remove the glasses | eyeglasses-5
don't worry about the bangs, remove the beard | beard-5
don't look sad | smiling+
get serious | smiling-
no grin | smiling-5
remove the hat and the glasses | eyeglasses-5
make this young woman older | young-
I want to see the old lady without glasses | eyeglasses-5
make her go from happy to sad | smiling-
less mature | young+
reduce his age by 20 years | young+2
thirty years older | young-3
make me laugh | smiling+
mind trimming his beard a little? | beard-1
without bangs | bangs-5
smile bigger | smiling+
trim beard | beard-
put on glasses | eyeglasses+
glasses should be removed | eyeglasses-5
those bangs are not short enough | bangs-
smile too big | smiling-
he has too much beard | beard-
he looks too happy | smiling-
I hate that beard. Get rid of it! | beard-5
what would he look like without a beard? | beard-5
exchange glasses for sunglasses | eyeglasses+
remove glasse | eyeglasses-5
wihout glasses | eyeglasses-5
smiel | smiling+
fringr longer | bangs+
she should look happy, not sad | smiling+
serious instead of smiling | smiling-
just a smile | smiling+
the forehead should be visible | bangs-
take the smile down one notch | smiling-1
let her have a big smile | smiling+
off with the beard | beard-5
more laughter | smiling+
make her frown less | smiling+
show me a smile | smiling+
put her in a better mood | smiling+
he needs to smile more | smiling+
don't grin | smiling-
glasses must go | eyeglasses-5
drop the glasses | eyeglasses-5
slap some sunglasses on him | eyeglasses+
grow him a big beard | beard+
longer and thicker bangs | bangs+
much bigger glasses | eyeglasses+3
young | young+
make it older | young-
grow older | young-
like a baby | young+
turn back the clock | young+
knock ten years off | young+
twenty-five years older | young-
not as old | young+
he isn't happy enough | smiling+
the glasses aren't big enough | eyeglasses+
the bangs don't look long enough | bangs+
no more beard please | beard-5
everything is fine except the bangs, shorten them | bangs-
older. not younger. | young-
plz shave | beard-5
a bearded man | beard+
smile for the camera | smiling+
i wanna see him w/ a beard | beard+
put a smile on that face | smiling+
tone it down, the smile | smiling-
his beard is a mess, please shave it off | beard-5
can the bangs be longer? | bangs+
give her a new fringe | bangs+
can you get rid of those glasses she's wearing | eyeglasses-5
he would look smart in glasses | eyeglasses+
make the glasses less noticeable | eyeglasses-
turn her glasses into sunglasses | eyeglasses+5
I want a man with a beard | beard+
trim his beard by 2 | beard-2
no facial hair please | beard-5
he hasn't shaved in weeks, give him a beard | beard+
"""
REFUSED = """
no wrinkles |
a beard but no moustache |
not too much beard |
change the glasses |
change her age |
do something with the beard |
older or younger |
make him older or younger |
glasses or a beard? |
make the glasses red |
clean her glasses |
break the glasses |
paint a beard on the wall |
remove galss |
apart from the glasses leave everything |
nothing but a smile |
no forehead visible |
down with the beard |
say goodbye to the beard |
kill the beard |
nuke the glasses |
grow up |
never too old |
make the beard not too long |
i doubt he needs a beard |
I'm not a fan of the beard |
shave the beard but keep the moustache |
keep his moustache, lose the beard |
I don't want a smile, I want a laugh |
not a smile but a laugh |
older? no, younger |
before adding glasses, shave him |
make her smile after taking off the glasses |
the dog is old |
make the cat smile |
make my dog younger |
read the old book |
a young tree |
how old are you |
sad story |
"""


def lines(text):
    return [line for line in text.splitlines() if line.strip()]


def reads_as(line):
    """Whether a line is read as it says, degrees included where it says them."""
    wanted, request = sentence_of(line), read_request(line.partition("|")[0])
    found = [] if request.unclear else request.wishes
    return (
        len(found) == len(wanted.wishes)
        and all(
            (wish.attribute, wish.direction) == (attribute, direction)
            and degree in (None, wish.degree)
            for wish, (attribute, direction, degree) in zip(found, wanted.wishes)
        )
        and (request.unclear or wanted.kept <= request.kept or not wanted.wishes)
    )


@pytest.mark.parametrize("line", lines(DENIED + SEVERAL + ASKED + REFUSED))
def test_a_sentence_means_what_it_says(line):
    assert reads_as(line), read_request(line.partition("|")[0])


@pytest.mark.parametrize("line", lines(DENIED))
def test_what_should_stay_is_never_edited(line):
    wanted, request = sentence_of(line), read_request(line.partition("|")[0])
    assert not {wish.attribute for wish in request.wishes} & wanted.kept


@pytest.mark.parametrize("denial", ["don't", "do not", "please don't", "never", "dont", "don’t"])
@pytest.mark.parametrize("change", ["remove the beard", "make the beard longer", "trim the beard"])
def test_a_change_that_is_denied_is_none(denial, change):
    assert [w.attribute for w in read_request(change).wishes] == [2]
    denied = read_request(f"{denial} {change}")
    assert denied.wishes == () and denied.kept == {2}


@pytest.mark.parametrize("denial", ["don't", "never", "i don't want you to"])
def test_no_request_of_the_grammar_is_a_wish_once_it_is_denied(denial):
    requests = [t for t in templates("train") if t.is_request]
    assert len(requests) > 300
    for template in requests:
        sentence = f"{denial} {' '.join(re.sub('{.}', '', template.pattern).split())}"
        assert read_request(sentence).wishes == (), sentence


@pytest.mark.parametrize("text", ["", "?!", "than not", "nor", "don't overdo it", "без очков"])
def test_scraps_are_nothing(text):
    assert read_request(text).wishes == ()


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_levels_are_counted(name):
    noun = {"eyeglasses": "glasses", "smiling": "smile", "young": "age"}.get(name, name)
    for count, word in enumerate(("one", "two", "three", "four", "five"), start=1):
        (wish,) = read_request(f"increase the {noun} by {word} levels").wishes
        assert (ATTRIBUTES[wish.attribute], wish.degree, wish.plain) == (name, count, True)


def test_typos_of_one_letter_are_mended_and_real_words_are_not():
    assert words_of("Shaev teh baerd, plese") == ["shave", "the", "beard", ",", "please"]
    assert words_of("dont toch the galsses") == ["don't", "touch", "the", "glasses"]
    assert [mended(w) for w in ("board", "bread", "glass", "mile", "order")] == [
        "board",
        "bread",
        "glass",
        "mile",
        "order",
    ]


def test_a_lost_letter_in_a_denial_does_not_turn_the_wish_round():
    for denial in ("dont", "don't", "dn't", "donr", "nver", "nevr", "nto to"):
        assert read_request(f"{denial} remove the glasses").wishes == ()


def test_the_typed_sentences_are_two_halves_without_a_repetition():
    halves = [{s.text.lower() for s in sentences(part)} for part in PARTS]
    assert len(halves[0] | halves[1]) == sum(map(len, halves)) >= 400
    assert abs(len(halves[0]) - len(halves[1])) <= 1
    with pytest.raises(ValueError, match="studied, held_out"):
        sentences("test")
