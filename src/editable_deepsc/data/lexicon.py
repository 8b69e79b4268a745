"""The words by which a sentence names an attribute, what to do with it, and what to leave alone.

``clauses`` reads sentences with them; ``spelling`` mends typos towards them.
"""

from __future__ import annotations

from typing import NamedTuple

BANGS, EYEGLASSES, BEARD, SMILING, YOUNG = range(5)


class Cue(NamedTuple):
    """A word that stands for an attribute.

    ``sign``: what the bare word asks for, +1 for more of the attribute. ``degree``: of the bare
    word, None for one that is left to the adverbs. ``kind``: "thing" (a noun), "state" (an
    adjective or a person: "old", "grandmother") or "act" (a verb: "smile").
    """

    attribute: int
    sign: int
    degree: int | None
    kind: str


def _cues(words: str, *cue) -> dict[str, Cue]:
    return dict.fromkeys(words.split(), Cue(*cue))


CUES: dict[str, Cue] = {
    **_cues("bangs fringe fringes forelock", BANGS, 1, None, "thing"),
    **_cues(
        "glasses eyeglasses spectacles specs eyewear frames lenses rims goggles monocle",
        *(EYEGLASSES, 1, None, "thing"),
    ),
    **_cues("sunglasses shades sunnies", EYEGLASSES, 1, 5, "thing"),
    **_cues("bespectacled", EYEGLASSES, 1, None, "state"),
    **_cues(
        "beard beards mustache moustache moustaches mustaches goatee stubble whiskers sideburns "
        "facial-hair",
        *(BEARD, 1, None, "thing"),
    ),
    **_cues("bearded unshaven", BEARD, 1, None, "state"),
    **_cues("clean-shaven shaven beardless", BEARD, -1, 5, "state"),
    **_cues("shave shaved shaves shaving", BEARD, -1, 5, "act"),
    **_cues(
        "smile smiles smiling smiled grin grins grinning grinned smirk smirks smirking beam beams "
        "beaming beamed",
        *(SMILING, 1, None, "act"),
    ),
    **_cues("laugh laughs laughing laughed laughter giggle giggling", SMILING, 1, 5, "act"),
    **_cues("chuckle chuckling", SMILING, 1, None, "act"),
    **_cues(
        "frown frowns frowning frowned scowl scowls scowling sulk sulking sulks pout pouting",
        *(SMILING, -1, None, "act"),
    ),
    **_cues(
        "happy cheerful joyful joyous glad merry jolly delighted cheery smiley happily joy "
        "happiness cheerfully amused elated ecstatic overjoyed gleeful jovial",
        *(SMILING, 1, None, "state"),
    ),
    **_cues("happier cheerier merrier jollier gladder", SMILING, 1, None, "compared"),
    **_cues("happiest", SMILING, 1, 5, "compared"),
    **_cues(
        "sad serious unhappy grumpy gloomy miserable depressed stern solemn sulky grim moody dour "
        "glum melancholy cheerless morose sorrowful unsmiling sullen somber sombre sadly downcast "
        "dejected joyless mournful",
        *(SMILING, -1, None, "state"),
    ),
    **_cues("neutral-expression", SMILING, -1, 5, "state"),
    **_cues("sadder grumpier gloomier sterner unhappier moodier", SMILING, -1, None, "compared"),
    **_cues("saddest", SMILING, -1, 5, "compared"),
    **_cues("young youthful youthfully", YOUNG, 1, None, "state"),
    **_cues("youth", YOUNG, 1, None, "thing"),
    **_cues("younger", YOUNG, 1, None, "compared"),
    **_cues("rejuvenate rejuvenated rejuvenating", YOUNG, 1, None, "act"),
    **_cues(
        "child kid kids children toddler teenager teen teenage teens baby infant boy girl "
        "adolescent childhood schoolboy schoolgirl newborn youngster",
        *(YOUNG, 1, 5, "state"),
    ),
    **_cues("youngest", YOUNG, 1, 5, "compared"),
    **_cues("oldest", YOUNG, -1, 5, "compared"),
    **_cues("old aged mature middle-aged", YOUNG, -1, None, "state"),
    **_cues("older", YOUNG, -1, None, "compared"),
    **_cues(
        "elderly ancient senior senile pensioner grandparent grandma grandpa granny grandad "
        "granddad gran grandmother grandfather nan old-man",
        *(YOUNG, -1, 5, "state"),
    ),
    **_cues("age ages aging ageing years decades", YOUNG, -1, None, "age"),
}

# What is done to a thing: the sign and, where the word alone says it, the degree.
ADDING = frozenset(
    """add adding adds draw get gets getting give gives giving include need needed needs pop put
    puts putting slap stick suit suits throw want wants wear wearing wears wore""".split()
)
RAISING = frozenset(
    """amplify boost broaden darken deepen double enhance enlarge exaggerate expand extend extends
    grow growing grown grows increase increases increasing intensify lengthen lengthening
    lengthens magnify raise raises thicken thickening widen widening widens""".split()
)
LOWERING = frozenset(
    """backward backwards chop clip cut cuts cutting decrease decreases deduct diminish fade half
    halve lessen lighten lower lowers minimise minimize reduce reduces reducing regression
    reverse shorten shortening shortens shrink snip soften subtract thin tone-down trim
    trimmed trimming trims undo weaken""".split()
)
GREATER = frozenset(
    """bigger biggest bolder brighter broader broadest bushier bushiest chunkier darker denser
    fuller fullest greater heavier higher larger largest longer longest stronger thicker
    thickest wider widest""".split()
)
SMALLER = frozenset(
    """fainter lighter lightest lower narrower narrowest patchier shorter shortest slighter slimmer
    smaller smallest sparser subtler thinner thinnest weaker""".split()
)
REMOVING = frozenset(
    """away banish bin delete disappear discard dispense ditch drop eliminate erase erases get-rid
    gone has-to-go hidden hide hides hiding lose loses losing off omit removal remove removed
    removes removing rid scrap strip vanish wipe withdraw""".split()
)
MORE, LESS = frozenset({"more", "extra", "additional"}), frozenset({"less", "fewer"})
SUPERLATIVES = frozenset(
    """biggest broadest bushiest enormous fullest gigantic huge largest lightest longest massive
    narrowest shortest smallest thickest thinnest widest""".split()
)
TALL_WORDS = frozenset(
    """big broad bushy dark dense full heavy huge large long many much obvious prominent strong
    thick visible wide""".split()
)
SMALL_WORDS = frozenset(
    "short small narrow thin light weak little few faint subtle sparse tiny slight".split()
)

NOT_WORDS = frozenset(
    """ain't aren't avoid can't cannot couldn't didn't doesn't don't forbid forget hasn't haven't
    isn't mustn't needn't neither-of never nobody none not not-to nothing prevent refrain
    refuse shouldn't wasn't without-fail won't wouldn't""".split()
)
NO_WORDS = frozenset({"no", "without", "minus", "zero", "neither", "nor", "sans"})
STOP_WORDS = frozenset({"stop", "quit", "cease"})
KEEP_WORDS = frozenset(
    """alone as-is intact keep keeping keeps leave leaves leaving maintain preserve remain remaining
    remains retain same spare stay staying stays unaltered unchanged untouched""".split()
)
# Verbs that, denied, mean "leave it": "don't make", "never touch". Not "don't look", "don't be".
ACTION_WORDS = (
    frozenset(
        """add adding adjust allow alter altering bring cause change changed changing cover do doing
    edit editing fiddle force give giving help let lets letting made make makes making mess
    messing modify modifying move moving permit push put putting replace set show swap sweep
    take taken taking tamper took touch touched touching transform turn turning""".split()
    )
    | RAISING
    | LOWERING
    | REMOVING
    | frozenset({"shave", "shaved", "shaving", "age", "aging", "ageing", "rejuvenate", "apply"})
) - {"off", "away", "gone", "grown", "hidden"}

# Subjects, helpers and politeness: words that change nothing in a wish.
PLAIN_WORDS = frozenset(
    """a able about above actually after again ago ahead all almost along also am amount an and any
    anything appear appears are around as at at-all attempt back bare barely be because
    become becomes been before behind being best better big bit both bring broad bushy but by
    can can't cheek cheeks cheeky chin clean come completely considerably cool corners could
    cover dark deal decade degree degrees dense do does down dramatically drastically dude
    ear either else else's enormously entire entirely even ever everything except expression
    extent eye eyebrows eyes face faces faint fair fairly fall fall's falling far feel feels
    fellow few finally first for forehead from full fully further gentle gentleman go going
    good great guess guy had handsomer hang happy-looking has have having he he'd he'll he's
    heavy her here hers hey hi high him his hmm hope how huge hugely i i'd i'll i'm i've if
    image imagine in instead into is it it's its jaw just kind kindly lady large last lastly
    later left length let let's lets level levels light like lip little long look looked
    looking looks lot lots lovely low lower made make makes making man many massively may
    maybe me mean meant might mind moderately mostly mouth much must my narrow natural
    naturally nearly new next nice nicer notch notches noticeably now obvious of oh ok okay
    on once one ones only onto or ought our out over own pair people perhaps person photo
    picture please point points portrait possible possibly prefer prettier pretty prominent
    proper quite radically rather reach real really right rock said same second see seem
    seems set shall she she'd she'll she's short should show significantly silly size slight
    slightly small so soft some somebody someone something somewhat sorry sort sound sparse
    sport stage stages step steps strong style subtle such super suppose tad take than thank
    thanks that the their them then there these they they'd they'll they're thick thin thing
    things think this those time times tiny to together too totally touch try turn twice type
    under until up upper us use vastly version very visible want wanted wants warm was way we
    we'd weak well were what when where which while who whole wide will wish with woman would
    would've year you you'd you're your""".split()
)

PRAISE_WORDS = frozenset(
    """amazing awesome awful beautiful cool cute dashing fake fine funny good gorgeous great
    handsome hideous lovely nice perfect pretty smart stylish terrible ugly wonderful""".split()
)
BAD_WORDS = "bad|terrible|awful|ugly|silly|worse|horrible|stupid|weird|odd|ridiculous|strange|wrong"
EXCHANGING = frozenset("swap replace trade exchange switch substitute".split())
# What may stand beside a bare "glasses" that asks for them.
BARE_WORDS = frozenset(
    """a about actually also an and any at-all be best better big bit boy broad bushy can chin cool
    could dark dense eye eyebrows eyes face finally first for forehead full get girl good got
    great guy had has have having he he'd her hey hi him his hmm how huge i i'd i'll i'm if
    in it just kindly lady let let's lets like little long look looks love makes man may
    maybe me might my new nice nose now of oh ok okay on one only our pair perhaps person
    please possible proper real see shall she she'd should so some thank thanks that the
    their them then there they thick think this to too try us use we wear well what who wide
    will with woman would yes you your""".split()
)
PRONOUNS = frozenset({"it", "them", "that", "those", "these", "this"})

SPLITTERS = frozenset(
    ", ; . ! ? : and then but also plus or while yet after though except because".split()
)
LEVELS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "couple": 2, "another": 1}
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety hundred"
TENS = {word: 10 * i for i, word in enumerate(_TENS.split(), start=2)}
TENS |= {"few": 5, "ten": 10, "fifteen": 15}
# Real words that are one letter from one of ours: they are not typos of it.
REAL_WORDS = frozenset(
    """abort ace act ad add adder age ago aid aim aims air alder ale alike angel angle ape are arise
    arm art ask ate baby back bad badly bag bake bakes bald bale ball ban band bands bang
    barely barn bars base batch bath bay bead beads beak beam bean bear bears beat beats bed
    been beer bees beg berry bet between bid big bigger bind black blind blow boar board
    boards bob body bold bolder bone booth border bore boring born boss both bound bow bower
    boy brace brass brave bread brick bridge brightly brim bring brow brown bug bulk bunch
    bury busy but buy buzz bye cage call caller calling calm came cap cards cat catch chain
    charge charged checks cheer cheese cherry chicken child chile chill chin chip choose chop
    cider claim clam class classes clip clone close cloud clown coasted coin cold colder come
    cone cop cord core corn cot cover cow crack cram crave craven cream cringe crop cross
    crow crowd crown cry cup curious cut dad dates dawn day dead dear deep deer deleted
    detected did die dig digger diner dinner dip ditch dive dome done down drawn dream dreary
    dress drive drop drown dry dull duller dust dye eight elder emit ever eye eyes face fade
    failing fair fake fakes fame fan far fat fate fawn fear fed feed fig fight file filling
    find finer five fix flames flint flip floss flow flower flown fly fold folder for fore
    found frame frames fridge frowns fry fuller fun fur furious fuzzy gage gain gains game
    gap gasses gates gears get gift gig give glass globe gloss glow glue gold gone goose gown
    grab grace grain grand grant grass grasses grave gray green grew grids grim grin grind
    groin gross ground grow growl guppy gut had hair hall hand hands hang hanging hangs
    happen harp has hat hatch hates haven hay head hear heard hears heat height hid hind
    hinge hint hip hold holder hole home hop horn hose hosted hot hound house hover how hull
    hut inner itch jade jail jay jeep jig joy judge juror just keen keep kept key kick kid
    kind king kings kissed kitchen kitten knew knot know lace lack lad ladder lame land lands
    lap lasses lasted latch later lawn lay lead leading leads leaf leak lease leave led left
    lend lens lent let lick lid lie life lift light lightly lines lint lip listed live loan
    lobe loner long loose lord lore lose loses loss losses lot loud love lover low lower
    lunch lung mad male mall manly map masses mat match mates math maven may mean meat menus
    met mid might mild mile miles mind mins mint missed mix moan mole moon moose mop more
    moss most moth mouse mouth move mover mower much must mustard muzzle nanny nap nappy
    nature near neat net newer night nightly node none noon nope nor nose not note now null
    nut nuzzle odd odds old olive once one ones order out over own pace pack pad page pair
    pale parse passes patch path pawn pay peak pear peep peer pet pick pie pig pint pipe pit
    pitch place plan plane plant plate play plum ply pole pop poppy port pose posted posting
    pot pound pouring power powers present press prim print probe prop proud prove pry pub
    puller punch pup puppy put puzzle queen race rage ran rap rare rat rates raven ray read
    real ream red refer refused rejected remote remove rent reuse rid rider rides rig right
    rightly rind ring rings rip roasted robe role rose rot round routing rover row ruby rudy
    run rust rut rye sad sage said sale same sand sane sap sappy sat save saved saving saw
    say saying says score screen sea seam seat secs see seed seem seen senor sensor sent set
    setter shade shader shades shadow shake shaker shame shape shapes share shared sharing
    sharp shaven shaver sheep shift ship shirt shop shore short shot show shy sick sicker
    sides sight silk simile sin sing sings sinner sip sit six skate skies skin skip sky slack
    slate slave sleeker sleep slept slight slightly slim slip slow slower small smaller smart
    smell smells snack snappy snow sold sole some son song soon sore sorter sounds south
    space spacs spans spec spell spelling spin spinner spoon spot spots spring spy stack
    stand start state stating steam steep stem step stile stint stitch stop stops store stray
    stream string strong stronger such suite sun swear swift swim switch taint tale tall
    taller tame tank tap tasted tea team teams tear tears teens teeth tens than thank their
    them then there they thick thicken thin thing think thinner those three throw tick ticker
    tidier tie ties tight tighten tighter tightly tin tint tip toasted toggles told tone
    tooth top tore torn toss tower towers town toy trace track tree trick tries trigger trim
    trio trip trips trust try turn tweak udder used van various vow wag wage waits wall wand
    want warn wasted watch water way wear weary wed weep welder went wept wet whale whip
    whole whose wider wig wild win wind wine wing wings winner wiped wise witch won word
    words wore world worn wound wow yarn yawn year yes young youth zap zeros zone""".split()
)
