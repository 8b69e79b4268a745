"""The server of the page: on this machine alone, and without a word to any other."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

from .loaded import LoadedSystems

LOCAL = "127.0.0.1"
MOST_UPLOAD = "20mb"
MOST_WAITING = 20  # events in the queue
MOST_VISITORS = 100  # whose sessions are kept
QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
}


def check_installed() -> None:
    """``ValueError`` where Gradio is missing. It asks nobody anything from here on."""
    os.environ.update(QUIET)
    try:
        import gradio  # noqa: F401
    except ImportError:
        raise ValueError(
            "app: Gradio is not installed; install it with: pip install 'editable-deepsc[app]'"
        ) from None


def check_port(port: int) -> None:
    """``ValueError`` where another program listens."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOCAL, port))
        except OSError as error:
            raise ValueError(
                f"--port: {port} cannot be used ({error.strerror}); give another number"
            ) from None


def serve(loaded: LoadedSystems, port: int) -> None:
    """Serve the page at http://127.0.0.1:``port`` until it is interrupted.

    Uploads lie in a temporary folder, which goes when the server does.
    """
    with tempfile.TemporaryDirectory(prefix="editable-deepsc-app-") as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder
        import gradio as gr

        from .page import build_page

        fonts = ["ui-sans-serif", "system-ui", "sans-serif"]
        theme = gr.themes.Soft(
            primary_hue="orange",
            neutral_hue="slate",
            font=fonts,
            font_mono=["ui-monospace", "monospace"],
        ).set(
            block_title_background_fill="none",
            block_title_text_color="*body_text_color",
            block_title_padding="0",
        )
        page = build_page(loaded).queue(max_size=MOST_WAITING)
        print(f"http://{LOCAL}:{port} (Ctrl+C ends it)", flush=True)
        page.launch(
            server_name=LOCAL,
            server_port=port,
            share=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            enable_monitoring=False,
            max_file_size=MOST_UPLOAD,
            state_session_capacity=MOST_VISITORS,
            theme=theme,
            css_paths=Path(__file__).with_name("page.css"),
            footer_links=[],
            quiet=True,
        )
