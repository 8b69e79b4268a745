"""The page of `editable-deepsc app`: a face, wishes, a channel, and what every system delivers.

loaded    networks and judges, read only, for everybody
session   a person's face and wishes: plain values, no state of the page
sending   a session through all systems at once
judging   what the judges say of what arrived
figures   constellation, curve, sheet; markup: tables as HTML
page      the layout; serve: the server behind it
"""
