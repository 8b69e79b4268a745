"""Where a rendered face has its eyes, its nose and its mouth, in closed form."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import torch
from torch import Tensor

from .features import mouth_of
from .sitter import EYE_V, Head, Traits, head_of


def landmarks(traits: Traits) -> Tensor:
    """Points [N, 5, 2] as (x, y), -1 and 1 at the edges of the picture: left and right eye, tip of
    the nose, left and right corner of the mouth, where left is the viewer's.
    """
    nowhere = torch.zeros(1, 1, 1)
    head = head_of(traits, nowhere, nowhere)
    sides = (-1.0, 1.0)
    eyes = [(side * head.eye_spacing, EYE_V * head.height) for side in sides]
    nose = (0.10 * head.yaw, head.nose_end * head.height)
    corners = [_corner(traits, head, side) for side in sides]
    places = [*eyes, nose, *corners]
    x = torch.cat([_on_face(head, fu) for fu, _ in places], 1)[:, :, 0]
    y = torch.cat([level for _, level in places], 1)[:, :, 0]
    return _in_picture(traits, head, x, y)


def _corner(traits: Traits, head: Head, side: float) -> tuple[Tensor, Tensor]:
    """``fu`` and y of a corner of the mouth: where its half width ends, on its curve."""

    def mouth(head: Head):
        return mouth_of(cast(Any, SimpleNamespace(traits=traits, head=head)))

    fu = side * mouth(head).half / head.width + 0.06 * head.yaw
    there = mouth(replace(head, fu=fu))
    return fu, there.v * head.height - there.curve


def _on_face(head: Head, fu: Tensor) -> Tensor:
    """x of the place ``fu`` on a face that turns: the equation of :class:`.sitter.Head`, solved."""
    turn = 0.20 * head.yaw
    return head.width * 2 * (turn + fu) / (1 + torch.sqrt(1 + 4 * turn * (turn + fu)))


def _in_picture(traits: Traits, head: Head, x: Tensor, y: Tensor) -> Tensor:
    """Upright coordinates [N, P] -> those of the picture [N, P, 2]: zoomed, rolled and shifted."""

    def between(name: str, low: float, high: float) -> Tensor:
        return traits.between(name, low, high)[:, :, 0]

    roll, zoom = between("roll", -0.06, 0.06), head.zoom[:, :, 0]
    cos, sin = torch.cos(roll), torch.sin(roll)
    across = zoom * (cos * x - sin * y) + between("shift_x", -0.03, 0.03)
    down = zoom * (sin * x + cos * y) + between("shift_y", 0.02, 0.06)
    return torch.stack([across, down], 2)
