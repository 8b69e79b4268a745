"""``editable-deepsc systems``: what can be loaded by name."""

from __future__ import annotations

import typer


def systems() -> None:
    """List the trained systems of every data set, with the bandwidth that each takes."""
    from ..data.draw import draw_faces
    from ..networks.manifest import systems as bundled
    from ..systems.wire import channel_cost
    from ..zoo import load_system, system_names

    for dataset, entry in bundled().items():
        snrs = ", ".join(f"{snr:g}" for snr in entry["snr_db"])
        resolution = entry["resolution"]
        typer.echo(f"{dataset}: {resolution} pixels, adapters for {snrs} dB")
        image = draw_faces(1, resolution=resolution, style=entry["style"])
        for name in system_names(dataset):
            system = load_system(name, dataset, entry["snr_db"][-1])
            prepared = image
            if system.name.edits_at == "both":
                generator = system.editor.generator
                prepared = generator.mapping(image.new_ones(1, generator.latent))
            symbols = system.send(prepared)
            dims = system.transmitter.dims_per_use
            cbr = channel_cost(symbols, dims, resolution)["cbr"]
            typer.echo(f"  {name:24} {symbols.shape[1] // dims:5} channel uses, CBR {cbr:.4f}")
