"""Sentences that name none of the five attributes: what the text encoder must refuse.

``sample_off_topic`` writes training sentences; ``OFF_TOPIC_DEV`` is what the rejection threshold
was chosen on; ``OFF_TOPIC_TEST`` was written by hand, separately, and is for reporting only.
"""

from __future__ import annotations

import random
import re

from .instructions import templates
from .phrases import ADVERBS, REQUEST_OPENINGS, WISH_OPENINGS

# Things a user may ask to edit that are none of the five attributes, singular then plural.
OBJECTS = tuple(
    """hair hairstyle nose chin jaw neck face head forehead mouth skin tongue throat chest shoulder
    hand arm background picture photo image portrait frame-rate lighting contrast brightness
    exposure shadow colour saturation sharpness resolution hat cap scarf necklace earring lipstick
    makeup mascara collar shirt jacket coat dress tie sweater uniform helmet crown wig tattoo scar
    mole freckle wrinkle pimple dimple tooth lip eye ear eyebrow eyelash eyelid cheek ponytail braid
    parting hairline complexion tan piercing mask bandana headband hood sleeve button zipper pocket
    glove shoe sock boot belt watch bracelet ring sky sun cloud mountain tree flower grass garden
    hedge lawn river beach ocean house wall door window roof street road bridge car bus bicycle
    train plane boat table chair lamp desk sofa bed pillow blanket carpet curtain mirror clock phone
    laptop keyboard screen camera radio guitar piano book page letter list text title paragraph font
    video song melody story report email recipe soup salad pizza cake bread coffee tea dog cat horse
    bird fish cow rabbit ball bat kite doll robot castle dragon planet star moon""".split()
)
PLURALS = tuple(
    """eyes ears lips teeth cheeks eyebrows eyelashes earrings freckles wrinkles shoulders hands
    arms nails fingers clothes shoes sleeves colours shadows pixels curls braids highlights
    roots dimples hats caps trees flowers clouds curtains windows walls doors cars bikes books
    songs lights candles plates cups chairs tables buildings stars birds dogs cats leaves
    branches boxes bags lines words letters numbers files folders trousers jeans buttons
    headphones contacts gloves socks boots ropes cables wires stairs fences""".split()
)
COMPARATIVES = tuple(
    """bigger smaller longer shorter wider narrower thicker thinner darker lighter brighter bluer
    redder greener warmer colder louder quieter faster slower softer harder sharper smoother rounder
    flatter taller heavier straighter curlier paler cleaner dirtier higher lower closer deeper
    stronger weaker fuller rounder fatter slimmer richer poorer""".split()
)
PERSON_ADJECTIVES = tuple(
    """taller thinner fatter slimmer stronger paler darker browner prettier angrier sleepier calmer
    richer healthier smarter cooler nicer scarier shorter heavier tanned blond bald surprised tired
    elegant muscular handsome beautiful scared confident""".split()
)
VERBS = tuple(
    """make-up blur sharpen brighten darken lighten crop rotate resize move lift lower raise open
    close paint colour whiten straighten curl enlarge shrink remove erase delete hide clean wash
    cut trim shorten lengthen widen thin thicken soften reduce increase extend polish fix change
    turn dye comb braid cover show rename copy print save cook buy sell fold bend stretch flip
    tilt zoom""".split()
)
COLOURS = tuple("red blue green yellow orange purple pink brown black white grey golden".split())
NAMES = tuple(
    "anna peter maria john susan paul lucy the-boss my-sister our-teacher a-friend".split()
)
PLACES = tuple(
    "paris london france japan italy berlin spain texas africa china school work home town".split()
)
TOPICS = tuple(
    """weather football music history politics chess physics cooking travel movies money homework
    dinner breakfast lunch work traffic holidays art love sleep science computers""".split()
)

_PATTERNS = (
    "make the {object} {adverb} {comparative}",
    "make her {object} {adverb} {comparative}",
    "make his {plural} {adverb} {comparative}",
    "make the {plural} {adverb} {comparative}",
    "the {object} should be {adverb} {comparative}",
    "the {plural} could be {adverb} {comparative}",
    "i want the {object} {adverb} {comparative}",
    "i want {adverb} {comparative} {plural}",
    "give her {adverb} {comparative} {plural}",
    "give him a {comparative} {object}",
    "{verb} the {object} {after}",
    "{verb} the {plural} {after}",
    "{verb} her {object} {after}",
    "{verb} his {plural} {after}",
    "{verb} the {object}",
    "{verb} the {plural}",
    "remove the {object}",
    "remove her {plural}",
    "take off the {object}",
    "take the {object} off",
    "take his {plural} away",
    "get rid of the {object}",
    "get rid of the {plural}",
    "make the {object} disappear",
    "make the {plural} disappear",
    "add a {object}",
    "add {adverb} more {plural}",
    "add some {plural}",
    "put a {object} on her head",
    "put a {colour} {object} on him",
    "give her a {object}",
    "give him {colour} {plural}",
    "give her a {colour} {object}",
    "turn the {object} {colour}",
    "make the {object} {colour}",
    "make her {plural} {colour}",
    "change the colour of the {object}",
    "change the {object} to {colour}",
    "i want a {colour} {object}",
    "i want no {plural}",
    "i don't want any {plural}",
    "no {plural} please",
    "the {object} should be {colour}",
    "replace the {object} with a {object}",
    "move the {object} {after} to the left",
    "make her {adverb} {person}",
    "make him look {adverb} {person}",
    "make the person {person}",
    "she should look {adverb} {person}",
    "he should be {person}",
    "let him look {person}",
    "let her wear a {object}",
    "let him wear {plural}",
    "show her without the {object}",
    "turn him into a {object}",
    "turn her into a {colour} {object}",
    "make her look like a {object}",
    "increase the {object} {after}",
    "reduce the {object} {after}",
    "{verb} it {after}",
    "{verb} it",
    "make it {adverb} {comparative}",
    "make everything {adverb} {comparative}",
    "{verb} {after}",
    "a {object} please",
    "{adverb} {comparative}",
    "{object}",
    "{plural}",
    "the {object}",
    "{verb}",
    "what is a {object}",
    "where is the {object}",
    "where are my {plural}",
    "who made the {object}",
    "when will the {object} arrive",
    "how much is the {object}",
    "how do i {verb} a {object}",
    "why is the {object} so {colour}",
    "is the {object} {comparative} than the {object}",
    "tell me about {topic}",
    "what do you know about {topic}",
    "i like {topic} and {topic}",
    "do you like {topic}",
    "{name} lives in {place}",
    "{name} went to {place} with {name}",
    "what is the weather in {place}",
    "how far is it to {place}",
    "i want to go to {place}",
    "let's talk about {topic}",
    "{name} bought a {colour} {object}",
    "i lost my {object}",
    "did {name} {verb} the {object}",
    "book a flight to {place}",
    "play some {topic} videos",
    "send a message to {name}",
    "call {name} at {place}",
    "the {object} of {name} is {colour}",
    "write a {object} about {topic}",
    "explain {topic} to me",
    "the {object} is {adverb} {comparative}",
)

CHATTER = (
    "hello",
    "hello there",
    "hi",
    "good morning",
    "good night",
    "how are you",
    "thanks",
    "thank you very much",
    "yes",
    "no",
    "ok",
    "please",
    "maybe",
    "never mind",
    "stop",
    "undo",
    "undo that",
    "go back",
    "again",
    "do it again",
    "more",
    "less",
    "a little more",
    "a bit less",
    "much more",
    "nothing",
    "help",
    "help me",
    "what can you do",
    "who are you",
    "what is your name",
    "what should i do",
    "i am bored",
    "i am hungry",
    "i do not know",
    "leave it as it is",
    "that is fine",
    "looks good",
    "i like it",
    "i hate this",
    "this is terrible",
    "wow",
    "lol",
    "are you a robot",
    "sing a song",
    "tell me something funny",
    "what day is it today",
    "set an alarm for seven",
    "remind me to call mum",
    "turn on the lights",
    "turn off the radio",
    "turn down the volume",
    "turn up the heat",
    "lower the music a bit",
    "how much does it cost",
    "where do you live",
    "i am going to bed",
    "she is my sister",
    "he is my brother",
    "who is she",
    "who is that man",
    "what does she do for a living",
    "is he married",
    "save the picture",
    "save this",
    "send it to me",
    "print the image",
    "export as a file",
    "rotate it left",
    "crop the photo",
    "zoom in a little",
    "zoom out",
    "make it black and white",
    "blur the background",
    "make the picture brighter",
    "increase the contrast a lot",
    "make it sharper",
    "remove the noise",
    "change the background to a beach",
    "make the photo look like a painting",
    "make her hair blond",
    "make his hair darker",
    "give her curly hair",
    "give him long hair",
    "make the hair much longer",
    "cut the hair shorter",
    "make him bald",
    "shave his head",
    "open her eyes",
    "close his mouth",
    "make the eyes blue",
    "make her eyes bigger",
    "make his nose smaller",
    "make the lips fuller",
    "whiten the teeth",
    "remove the wrinkles around the eyes",
    "make the skin smoother",
    "give her a tan",
    "put a hat on him",
    "take off the hat",
    "remove the necklace",
    "give her earrings",
    "add some lipstick",
    "make her cry",
    "make him angry",
    "make her look surprised",
    "make him turn left",
    "let her look up",
    "make her a man",
    "make him a woman",
    "make him look like a woman",
    "change the gender",
    "make her fatter",
    "make him slimmer",
    "make her taller",
    "make his neck longer",
    "make the eyebrows thicker",
    "trim the eyebrows a bit",
    "make the eyelashes longer",
    "shorten the sleeves slightly",
    "make the collar wider",
    "remove the tie completely",
    "get rid of the shadow",
    "brighten the face a bit",
    "how old is the house",
    "how old are you",
    "what a beautiful day",
    "it is raining",
    "i love my dog",
    "the cat is on the roof",
    "two and two is four",
    "what is two plus two",
    "the train is late",
    "we should leave now",
    "can you hear me",
    "please wait",
    "come here",
    "sit down",
    "open the door",
    "close the window",
    "clean the kitchen",
    "wash the dishes",
    "feed the cat",
    "walk the dog",
    "buy some milk",
    "cook some rice",
    "drive me home",
    "call a taxi",
    "read the news",
    "who won the game",
    "when is the next bus",
    "where is the station",
    "how do i get to the airport",
    "is it far",
    "is it much further",
    "make me a sandwich",
    "make me rich",
    "make some noise",
    "make the bed",
    "make a list",
    "make up your mind",
    "take a seat",
    "take a break",
    "take the bus",
    "take out the trash",
    "give me the keys",
    "give me a hand",
    "give it to her",
    "give him the money",
    "put it on the table",
    "put the kettle on",
    "let her go",
    "let him in",
    "let me think",
    "add salt",
    "add more sugar",
    "add two numbers",
    "show me the way",
    "show the results",
    "cover the pot",
    "hide the files",
    "grow some tomatoes",
    "extend the deadline",
    "reduce the price a lot",
    "increase my salary",
    "raise the flag",
    "lower the price",
    "cut the cake",
    "trim the hedge",
    "mow the lawn",
    "the lawn should be shorter",
    "the song should be longer",
    "the soup is too hot",
    "it is too dark",
    "she is too far away",
    "he looks tired",
    "she looks nice",
    "he should sleep more",
    "she should eat less",
    "the meeting should be much shorter",
    "i want more time",
    "i want a bigger house",
    "i want less noise",
    "i want to sleep",
    "i don't want anything",
    "the",
    "her",
    "make",
    "make her",
    "make him",
    "make it",
    "make it longer",
    "make them shorter",
    "make it much bigger",
    "remove it",
    "take it off",
    "get rid of it",
    "slightly",
    "completely",
    "as long as possible",
)

# A wider vocabulary, so that everyday words are not all the same unknown word.
GENERIC_WORDS = tuple(
    """about above across after afternoon against all almost also although always among and animal
    another answer any anything apple april are area around arrive ask asleep at autumn aunt away
    baby back bad bag bank bath be because become been before begin behind believe below beside best
    better between beyond big birthday blood blow board body bone bottle bottom bowl box boy brain
    break bring brother brush build burn busy but butter by calculate can capital card care carry
    case catch cause cent century change cheap check cheese chicken children choose church circle
    city class clear climb clothing cold come company complete control cool corner correct cost
    could count country course cousin cross cry cup daily dance danger dark date daughter day dead
    decide decimal define did difference different difficult dig dinner direct discover distance
    divide do doctor does dollar done down draw dream drink drive drop dry during each earth east
    easy eat egg eight electric else empty end energy engine english enough enter equal evening
    every example except expect eyesight fact fall family famous farm fast father favourite feel few
    field fight fill film final find fine finger finish fire first five floor fly follow food foot
    for forest forget form four free fresh friday friend from front fruit full fun game gas get girl
    glad glass go gold good goodbye government great ground group grow guess had half happen
    happiness hard has have he hear heart heat heavy height help here hill his hit hold hole holiday
    hope hot hour how hundred hurry husband ice idea if important in inch inside into iron is island
    it job join juice jump just keep kill kind king kitchen knee knife know lady lake land language
    large last late later laugh law lead learn leave left leg lesson life like listen live long lose
    lost loud low machine mail main many map market married matter may mean meat medicine meet
    member message metal middle might mile milk million mind minute miss monday month morning most
    mother movie much museum must near need never new newspaper next nice night nine north note
    nothing notice now ocean october of off office often oil on once one only open or order other
    our out outside over own oxygen paint pair paper parent park part party pass past pay peace pen
    people pepper perhaps piece place plan plant play please point police poor population potato
    power president pretty price problem program pull push queen question quick quiet rain read
    ready real remember repeat rest rice rich ride right rise rock room round rule run sad safe salt
    same sand saturday say school season seat second see seem send sentence seven several shape
    share she ship shop short should shout side sign silver simple since sing sister sit six size
    skill sleep slow small smell smoke snow so soap some someone son soon sorry sound south space
    speak special spell spend spoon sport spring square stand start state station stay still stone
    stop store storm straight strange strong student study subject sugar suggest summer sunday
    supper sure surface surprise swim system take talk taste teach team tell temperature ten test
    than that their them then there these they thing think third this those thousand three through
    thursday ticket time to today together tomorrow tonight too top touch toward toy translate
    travel trip trouble true try tuesday twelve twenty two uncle under understand until up use usual
    valley very village visit voice wait walk want war warm was waste water way we wear wednesday
    week weight well went were west wet what wheel when where which while who whole why wife wild
    will win wind winter wish with woman wonder wood word work world worry would write wrong year
    yellow yesterday yet you your zero""".split()
)

# Words of the instructions that carry an attribute, and what they are swapped for to make a near
# miss: "trim the beard a bit" becomes "trim the hedge a bit". Longer words first.
_ATTRIBUTE_NOUN = re.compile(
    r"\b(facial hair|bangs|fringe|sunglasses|eyeglasses|glasses|spectacles|frames|lenses|rims"
    r"|beard|whiskers|smile|grin|age)\b"
)
_ATTRIBUTE_ADJECTIVE = re.compile(
    r"\b(bearded|happier|happy|cheerful|joyful|serious|younger|youthful|young|older|aged|old)\b"
)
_NOT_SWAPPABLE = re.compile(
    r"\b(forehead|shave|shaven|laugh|laughing|smiling|grinning|neutral|child|teenager|girl|boy"
    r"|senior|corners|grand\w+|man|woman|youngest|oldest|rejuvenate|clock|face|age|less)\b"
)


def _near_miss(pattern: str, chooser: random.Random) -> str | None:
    """A training template with every attribute word swapped for another; ``None`` where none is
    left.
    """
    if _NOT_SWAPPABLE.search(pattern):
        return None
    thing = chooser.choice(OBJECTS + PLURALS)
    swapped = _ATTRIBUTE_NOUN.sub(thing, pattern)
    swapped = _ATTRIBUTE_ADJECTIVE.sub(chooser.choice(PERSON_ADJECTIVES), swapped)
    return swapped if swapped != pattern else None


def _fill(pattern: str, chooser: random.Random) -> str:
    slots = {
        "object": OBJECTS,
        "plural": PLURALS,
        "comparative": COMPARATIVES,
        "person": PERSON_ADJECTIVES,
        "verb": VERBS,
        "colour": COLOURS,
        "name": NAMES,
        "place": PLACES,
        "topic": TOPICS,
    }
    adverb_slots = {"adverb": "c", "after": "v", "c": "c", "j": "j", "v": "v"}

    def fill(match: re.Match) -> str:
        slot = match.group(1)
        if slot in slots:
            return chooser.choice(slots[slot]).replace("-", " ")
        degree = chooser.randint(0, 4)  # 0 leaves the adverb out, as an indefinite change does
        return chooser.choice(ADVERBS[adverb_slots[slot]][degree]) if degree else ""

    return " ".join(re.sub(r"\{(\w+)\}", fill, pattern).split())


def sample_off_topic(count: int, seed: int) -> list[str]:
    """``count`` training sentences that name no attribute; the same ``seed`` gives the same list.

    A third are instructions with the attribute swapped for something else, half come from a grammar
    of other edits and of talk, the rest is chatter and strings of random words.
    """
    chooser = random.Random(seed)
    patterns = [template.pattern for template in templates("train")]
    vocabulary = OBJECTS + PLURALS + COMPARATIVES + VERBS + GENERIC_WORDS
    sentences: list[str] = []
    while len(sentences) < count:
        draw = chooser.random()
        if draw < 0.33:
            pattern = _near_miss(chooser.choice(patterns), chooser)
            if pattern is None:
                continue
            sentence = _fill(pattern, chooser)
        elif draw < 0.8:
            sentence = _fill(chooser.choice(_PATTERNS), chooser)
        elif draw < 0.92:
            sentence = chooser.choice(CHATTER)
        else:
            sentence = " ".join(chooser.choices(vocabulary, k=chooser.randint(1, 10)))
        opening = chooser.choice(("",) * 8 + REQUEST_OPENINGS + WISH_OPENINGS)
        sentences.append(f"{opening} {sentence}".strip())
    return sentences


OFF_TOPIC_DEV = (
    "make the grass greener",
    "remove the umbrella",
    "make the cheekbones higher",
    "give her green eyes",
    "could you make the nose a bit smaller",
    "take off the cap",
    "take the jacket off completely",
    "make the ears slightly smaller",
    "how tall is the eiffel tower",
    "who wrote hamlet",
    "please shorten the tie a little",
    "lengthen the skirt somewhat",
    "i want a bigger garden",
    "translate this to german",
    "is there any milk left",
    "make the wall much darker",
    "her lipstick should be a lot redder",
    "add a scarf",
    "give him a crown",
    "make the train run faster",
    "put a parrot on his shoulder",
    "straighten the picture a bit",
    "let the dog out",
    "let her hair down",
    "the ponytail should be slightly longer",
    "trim the nails a bit",
    "get rid of the spots on the skin",
    "make the room quieter",
    "why do birds sing",
    "turn the volume up drastically",
    "reduce the noise",
    "make him look to the left",
    "make him look much taller",
    "make her look a bit more muscular",
    "she should look considerably more elegant",
    "give the person a full cup of coffee",
    "remove the earrings completely",
    "erase the logo",
    "make the logo disappear",
    "cut the rope",
    "thicken the sauce a bit",
    "the sauce should be a lot thicker",
    "darken the sky",
    "lighten the hair",
    "make the hair wavier",
    "change her eye colour to brown",
    "hide the tattoo",
    "cover the window",
    "turn him into a zombie",
    "turn her into a robot",
    "make her look like an elf",
    "put him in a suit",
    "the tower could be far higher",
    "what's for dinner",
    "my bike is broken",
    "i need a new phone",
    "extend the table",
    "grow the business a lot",
    "shrink the image",
    "enlarge the head moderately",
    "raise the left eyebrow",
    "lower the camera a bit",
    "increase the brightness",
    "show the whole body",
    "no shoes please",
    "i don't want any ads",
    "there should be no text at all",
    "a wider road please",
)

OFF_TOPIC_TEST = (
    # other parts of the face and body
    "make the eyes bigger",
    "make her eyes slightly bluer",
    "close her eyes",
    "make the nose thinner",
    "give him a smaller nose",
    "make the nostrils a bit wider",
    "plump up the lips",
    "make her lips much redder",
    "straighten the teeth",
    "make the teeth considerably whiter",
    "pin back the ears",
    "his ears should be smaller",
    "lengthen the neck somewhat",
    "make the neck thicker",
    "make the chin more pointed",
    "soften the jawline",
    "make the jaw a lot squarer",
    "raise the cheekbones a little",
    "remove the freckles",
    "get rid of the scar on the cheek",
    "make the skin paler",
    "tan her skin slightly",
    "add a mole above the lip",
    "clear up the acne completely",
    "give her blush on the cheeks",
    "make the eyebrows bushier",
    "pluck the eyebrows a bit",
    "make the lashes drastically longer",
    "make the hair curly",
    "dye the hair purple",
    "make her hair far longer",
    "cut his hair very short",
    "give her a ponytail",
    "tie the hair back",
    "make him completely bald",
    "make the hair a bit messier",
    "add blonde highlights",
    "part the hair on the left",
    "make her shoulders broader",
    "make him more muscular",
    "make her slimmer",
    "make him gain some weight",
    "make the hands smaller",
    "paint the nails black",
    "give him a tattoo on the neck",
    "put a sticker on the forehead",
    "open the mouth a little",
    "stick out the tongue",
    "make her wink",
    "make her look to the right",
    "turn the head slightly",
    "make him blink",
    "make him look angry",
    "make her look terrified",
    "make her look surprised",
    "let him weep",
    # clothes and things
    "remove the hat",
    "take the hat off completely",
    "put a cap on him",
    "give her a straw hat",
    "make the hat slightly bigger",
    "take off the necklace",
    "add pearl earrings",
    "remove his tie",
    "make the tie shorter",
    "loosen the collar a bit",
    "change the shirt to green",
    "button up the coat",
    "give him a leather jacket",
    "make the sleeves much longer",
    "shorten the skirt a little",
    "remove the helmet",
    "let her wear a veil",
    "give him a crown of gold",
    "take away the microphone",
    "put headphones on her",
    "remove the face mask",
    "no hats please",
    "i don't want any jewelry",
    "she should wear a blue dress",
    "give the person a full suit of armour",
    "make the scarf thicker",
    "get rid of the backpack",
    "wipe the dust off the shelf",
    "wipe the sweat off his brow",
    "shave the sheep",
    # the picture
    "make the sky bluer",
    "brighten the image a lot",
    "make the picture a bit darker",
    "increase the saturation",
    "reduce the contrast considerably",
    "sharpen the photo",
    "blur the background slightly",
    "remove the background",
    "change the background to a forest",
    "rotate the image",
    "flip it horizontally",
    "crop it to a square",
    "add a caption",
    "make the lighting warmer",
    "cast a shadow on the left side",
    "add some snow",
    "turn it into a cartoon",
    "make it look like a sketch",
    "remove the watermark",
    "put it in black and white",
    "make the whole thing sepia",
    "upscale the photo",
    "lower the resolution",
    "compress it more",
    "zoom in a lot",
    "move the camera further away",
    "centre the subject",
    "add a wooden border",
    # the world, with the same adverbs
    "close the window a bit",
    "open the curtains completely",
    "turn the music down a lot",
    "make the coffee much stronger",
    "the soup should be slightly saltier",
    "make the road far wider",
    "the ladder is a bit too short",
    "make the speech considerably shorter",
    "cut the grass a little shorter",
    "trim the tree drastically",
    "lengthen the rope a bit",
    "the deadline should be extended somewhat",
    "make the rules less strict",
    "reduce the price moderately",
    "raise the rent dramatically",
    "make the train go way faster",
    "thin the paint a bit",
    "thicken the gravy",
    "shrink the sweater",
    "widen the door",
    "lower the blinds somewhat",
    "make the fence higher",
    "fill the glass with water",
    "break the glass",
    "clean the window glass",
    "the story could be a lot funnier",
    "make the garden look nicer",
    "add more pepper",
    "grow more vegetables",
    "shorten the meeting",
    "make the dog bark less",
    "let the cat sleep a little longer",
    "the wine needs to breathe",
    "age the cheese for two years",
    "get rid of the mice",
    "take the stairs",
    "put the book on the shelf",
    "turn the page",
    "turn him in to the police",
    "make her an offer",
    "make him a sandwich",
    # talk and questions
    "what time is it",
    "what is the capital of peru",
    "how many legs does a spider have",
    "who painted the mona lisa",
    "what's the weather like tomorrow",
    "is it going to rain",
    "when does the shop close",
    "where can i park",
    "why is the ocean salty",
    "how do magnets work",
    "can you speak french",
    "do you know any jokes",
    "tell me a bedtime story",
    "what's your favourite film",
    "i had pasta for lunch",
    "my car won't start",
    "the meeting was cancelled",
    "see you next week",
    "happy birthday to you",
    "congratulations on your new job",
    "nice to meet you",
    "i'm running late",
    "let's grab a beer",
    "this app is too slow",
    "i forgot my password",
    "please restart the server",
    "delete my account",
    "book a table for two",
    "order a pizza",
    "play the next song",
    "call an ambulance",
    "send her an email",
    "write a poem about autumn",
    "solve this equation",
    "what does deepsc stand for",
    "explain the signal to noise ratio",
    "colorless green ideas sleep",
    "asdf qwerty",
    "blah blah blah",
    "just do it",
    "surprise me",
    "do whatever you like",
    "make the change we talked about",
    "it should be a bit more",
    "a little less of that please",
)
