"""The layout of the page and which handler answers what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from ..data.attributes import ATTRIBUTES, MAX_DEGREE
from .handlers import CHANNELS, HIGHEST_DB, LOWEST_DB, MOST_SEED, Handlers
from .judging import deliver
from .loaded import LoadedSystems
from .markup import delivery_markup, face_markup, link_markup, wishes_markup
from .sending import Link
from .session import MOST_LETTERS, Session, draw_face, take_photograph

TITLE = "Editable-DeepSC"
FIRST_SEED, FIRST_WISH, FIRST_SNR = 7, "add a wide smile", 6.0
EXAMPLES = ("give her glasses", "remove the beard completely", "make the bangs much longer")
INTRO = (
    "# Editable-DeepSC\n"
    "A face and a wish go in at a transmitter. The *edited* face comes out at a receiver, behind "
    "a noisy channel. Editable-DeepSC does it here beside systems that combine a codec with an "
    "editor."
)
PHOTOGRAPHS = (
    "Its largest face is found and brought to where the networks expect one. It stays on this "
    "computer."
)
DRAWN_ONLY = " These networks have seen drawn faces only: expect little of a photograph."
STEPS = {
    "face": "### 1 · A face\nThe transmitter inverts it: it finds the latent that draws it.",
    "wish": "### 2 · A wish\nSay what to change: bangs, eyeglasses, beard, smile or age. Then go "
    "on: “a bit more”, “less than that”, “undo”, or something else.",
    "channel": "### 3 · A channel\nMoving it only sends again; nothing is inverted anew at the "
    "transmitter.",
    "result": "### 4 · What arrives\nAll systems send the same face over the same channel, "
    "each with as many channel uses as it needs. Degrees are those of an independent network.",
    "curve": "### This face at every SNR\nThree transmissions at each SNR, by every system.",
    "keep": "### To keep\nThe pictures and numbers above.",
}


@dataclass(frozen=True)
class Widgets:
    """The components that handlers read or write, and the values kept for each visitor."""

    session: gr.State
    delivery: gr.State
    drawn: gr.State
    draw: gr.State
    photographs: gr.State
    seed: gr.Number
    another: gr.Button
    degrees: list[gr.Slider]
    photograph: gr.Image
    face: gr.HTML
    sentence: gr.Textbox
    edit: gr.Button
    undo: gr.Button
    over: gr.Button
    examples: list[gr.Button]
    wishes: gr.HTML
    snr: gr.Slider
    channel: gr.Radio
    known: gr.Checkbox
    again: gr.Button
    link: gr.HTML
    table: gr.HTML
    downloads: gr.HTML
    curve: gr.HTML
    draw_curve: gr.Button


def build_page(loaded: LoadedSystems, workers: int = 2) -> gr.Blocks:
    """The page for these systems; ``workers``: how many visitors compute at once.

    What it opens with is computed here, once.
    """
    handlers = Handlers(loaded)
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(600, 1800)) as page:
        gr.Markdown(INTRO, elem_classes="intro")
        first = first_session(loaded)
        delivery = deliver(loaded, first, Link(FIRST_SNR))
        found: dict[str, Any] = {
            "session": gr.State(first),
            "delivery": gr.State(delivery),
            "drawn": gr.State(),
            "draw": gr.State(0),
            "photographs": gr.State(0),
        }
        found |= _face_step(loaded, first)
        with gr.Row():
            with gr.Column(scale=3, min_width=360):
                found |= _wish_step(first)
            with gr.Column(scale=2, min_width=300):
                found |= _channel_step(link_markup(delivery, loaded.snrs))
        found |= _result_step(delivery_markup(delivery), handlers.downloads(delivery, None))
        _connect(Widgets(**found), handlers, {"concurrency_limit": workers})
    return page


def first_session(loaded: LoadedSystems) -> Session:
    """What the page opens with: a face and a wish."""
    if loaded.example is not None:
        return take_photograph(loaded, loaded.example).say(loaded, FIRST_WISH)
    return draw_face(loaded, FIRST_SEED).say(loaded, FIRST_WISH)


def _step(name: str) -> None:
    gr.Markdown(STEPS[name], elem_classes="step")


def _face_step(loaded: LoadedSystems, first: Session) -> dict[str, Any]:
    _step("face")
    with gr.Row():
        with gr.Column(scale=2, min_width=340):
            found: dict[str, Any] = {"face": gr.HTML(face_markup(first), elem_id="face")}
        with gr.Column(scale=5, min_width=360), gr.Tabs():
            with gr.Tab("Draw a face", visible=loaded.style is not None):
                found |= _drawn_tab(first)
            with gr.Tab("Give a photograph"):
                found["photograph"] = gr.Image(
                    sources=["upload", "webcam"],
                    show_label=False,
                    height=170,
                    elem_id="photograph",
                )
                found["photograph"].preprocess = path_of
                about = PHOTOGRAPHS + (DRAWN_ONLY if loaded.style else "")
                gr.Markdown(about, elem_classes="step")
    return found


def path_of(uploaded: Any) -> str | None:
    """The path of a file that was uploaded, as it was given: the library reads it, and says in a
    sentence why it cannot.
    """
    return None if uploaded is None else uploaded.path


def _drawn_tab(first: Session) -> dict[str, Any]:
    with gr.Row(elem_classes="bottom"):
        seed = gr.Number(
            FIRST_SEED,
            label="Number of the face",
            precision=0,
            minimum=0,
            maximum=MOST_SEED,
            elem_id="seed",
            min_width=160,
        )
        another = gr.Button("Another face", elem_id="another", min_width=160)
    with gr.Row(elem_classes="degrees"):
        own = first.face.degrees or {}
        degrees = [
            gr.Slider(
                0,
                MAX_DEGREE,
                round(own.get(name, 0.0), 1),
                step=0.1,
                label=name.capitalize(),
                elem_id=f"face-{name}",
                min_width=130,
                buttons=[],
            )
            for name in ATTRIBUTES
        ]
    return {"seed": seed, "another": another, "degrees": degrees}


def _wish_step(first: Session) -> dict[str, Any]:
    _step("wish")
    with gr.Row():
        sentence = gr.Textbox(
            show_label=False,
            placeholder=f"for example: {EXAMPLES[0]}",
            max_length=MOST_LETTERS,
            elem_id="wish",
            scale=3,
            min_width=200,
        )
        edit = gr.Button("Edit and send", variant="primary", elem_id="edit", min_width=130)
    with gr.Row():
        examples = [gr.Button(text, size="sm", min_width=90) for text in EXAMPLES]
    wishes = gr.HTML(wishes_markup(first), elem_id="wishes")
    with gr.Row():
        undo = gr.Button("Undo the last wish", size="sm", elem_id="undo")
        over = gr.Button("Forget all wishes", size="sm", elem_id="over")
    return {
        "sentence": sentence,
        "edit": edit,
        "examples": examples,
        "wishes": wishes,
        "undo": undo,
        "over": over,
    }


def _channel_step(link: str) -> dict[str, Any]:
    _step("channel")
    snr = gr.Slider(
        LOWEST_DB, HIGHEST_DB, FIRST_SNR, step=1, label="SNR (dB)", elem_id="snr", buttons=[]
    )
    channel = gr.Radio(list(CHANNELS), value="AWGN", label="Channel", elem_id="channel")
    known = gr.Checkbox(True, label="The receiver knows the fading", elem_id="known", visible=False)
    again = gr.Button("Send again (new noise)", elem_id="again")
    return {
        "snr": snr,
        "channel": channel,
        "known": known,
        "again": again,
        "link": gr.HTML(link, elem_id="link"),
    }


def _result_step(table: str, downloads: str) -> dict[str, Any]:
    _step("result")
    found: dict[str, Any] = {"table": gr.HTML(table, elem_id="delivery")}
    with gr.Row():
        with gr.Column(scale=3, min_width=400):
            _step("curve")
            found["draw_curve"] = gr.Button("Draw the curve", elem_id="draw-curve")
            found["curve"] = gr.HTML(elem_id="curve")
        with gr.Column(scale=1, min_width=240):
            _step("keep")
            found["downloads"] = gr.HTML(downloads, elem_id="downloads")
    return found


def _connect(w: Widgets, handlers: Handlers, work: dict[str, Any]) -> None:
    """Every event ends in a transmission, and that in the files to download."""
    work = work | {"concurrency_id": "networks", "api_visibility": "private"}
    work |= {"show_progress": "minimal"}
    latest = work | {"trigger_mode": "always_last", "show_progress": "hidden"}

    curves = w.draw_curve.click(
        handlers.curve, w.delivery, [w.drawn, w.curve], **work | {"show_progress": "hidden"}
    )
    curves.then(handlers.downloads, [w.delivery, w.drawn], w.downloads, **latest)

    link = [w.snr, w.channel, w.known, w.draw]
    results = [w.delivery, w.drawn, w.wishes, w.table, w.link, w.curve]

    def then_send(event: Any, same_curve: bool = False) -> None:
        """A transmission, once ``event`` went well. A curve that is being drawn is given up, unless
        it stays the ``same_curve``.
        """
        options = (
            work | {"show_progress_on": w.table} | ({} if same_curve else {"cancels": [curves]})
        )
        sent = event.success(handlers.send, [w.session, *link, w.drawn], results, **options)
        sent.success(handlers.downloads, [w.delivery, w.drawn], w.downloads, **latest)

    facing, wishing = work | {"show_progress_on": w.face}, work | {"show_progress_on": w.wishes}
    drawn = [w.session, *w.degrees, w.face]
    seed = [w.seed, w.session]
    then_send(w.seed.submit(handlers.draw, seed, drawn, **facing))
    next_seed = w.another.click(
        lambda n: (int(n or 0) + 1) % (MOST_SEED + 1), w.seed, w.seed, **latest
    )
    then_send(next_seed.success(handlers.draw, seed, drawn, **facing))
    for slider in w.degrees:
        moved = slider.input(handlers.redraw, [*seed, *w.degrees], [w.session, w.face], **latest)
        then_send(moved)
    taken = [w.session, w.photographs, w.face]
    then_send(
        w.photograph.input(
            handlers.photograph, [w.photograph, w.session, w.photographs], taken, **facing
        )
    )

    wished = [w.session, w.sentence, w.wishes]
    for event in (w.edit.click, w.sentence.submit):
        then_send(event(handlers.say, [w.sentence, w.session], wished, **wishing))
    for button in w.examples:
        then_send(button.click(handlers.say, [button, w.session], wished, **wishing))
    then_send(w.undo.click(handlers.undo, w.session, wished, **wishing))
    then_send(w.over.click(handlers.forget, w.session, wished, **wishing))
    then_send(w.again.click(lambda n: n + 1, w.draw, w.draw, **latest), True)
    w.channel.change(
        lambda name: gr.Checkbox(visible=CHANNELS[name] != "none"), w.channel, w.known, queue=False
    )
    for event, options in (
        (w.snr.input, latest),
        (w.channel.input, latest | {"cancels": [curves]}),
        (w.known.input, latest | {"cancels": [curves]}),
    ):
        sent = event(handlers.send, [w.session, *link, w.drawn], results, **options)
        sent.success(handlers.downloads, [w.delivery, w.drawn], w.downloads, **latest)
