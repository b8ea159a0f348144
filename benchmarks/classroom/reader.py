"""One reader of the app without a browser: Streamlit's protocol over a WebSocket.

It does what the browser does, as far as the server can tell: it keeps the values of the widgets, the address
of the page and the messages that need not be sent twice, and it draws nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

WIDGETS = ("number_input", "selectbox", "button_group", "slider", "checkbox", "button")
ADDRESS = "rolling_ball_address"  # the last that a page draws
REMEMBERED = 20  # runs for which messages are kept
LARGEST = 64 << 20
Query = Mapping[str, str]


@dataclass
class Action:
    """What a reader did, and when its page showed it.

    Args:
        name: of its kind.
        wanted: whether the address of a later run can be that of its page.
        run: the run that was shown when it was done.
        sent: seconds of the clock; `picture` and `page`, when the new picture and the whole page were there,
            `finished`, when the script had nothing more to do; None where that has not come.
        shown: the address of that page.
        overtaken: whether that page came of a later action, before this one had a page of its own.
    """

    name: str
    wanted: Callable[[Query], bool]
    run: int
    sent: float = field(default_factory=monotonic)
    picture: float | None = None
    page: float | None = None
    finished: float | None = None
    shown: str = ""
    overtaken: bool = False


class Reader:
    """A session of the app.

    Attributes:
        widgets: what can be used, by label.
        query: the address of the page.
        actions: all that was done so far.
        lost: why the connection ended, or ''.
        errors: sentences of error boxes that the page showed.
        heard: is given each message as it came.
    """

    def __init__(self, address: str, page: str = "", query: Query | None = None):
        self.address, self.page, self.query = address, page, dict(query or {})
        self.widgets: dict[str, Element] = {}
        self.states: dict[str, WidgetState] = {}
        self.actions: list[Action] = []
        self.lost, self.errors = "", []
        self.heard: Callable[[bytes], object] = lambda data: None
        self._cache: dict[str, tuple[int, ForwardMsg]] = {}
        self._runs, self._picture, self._drawn = 0, 0.0, set[str]()
        self._open: list[Action] = []
        self._done: list[Action] = []
        self._socket: ClientConnection | None = None

    async def live(self, until: asyncio.Event) -> None:
        """Open the page and take what comes, until told to leave."""
        try:
            stream = f"ws://{self.address}/_stcore/stream"
            async with connect(stream, subprotocols=["streamlit"], max_size=LARGEST) as socket:
                self._socket = socket
                await self._send(Action("arrive", lambda query: True, self._runs))
                while not until.is_set():
                    with suppress(TimeoutError):
                        self._take(await asyncio.wait_for(socket.recv(), timeout=1))
        except (ConnectionClosed, OSError) as error:
            self.lost = f"{type(error).__name__}: {error}"
        finally:
            self._socket = None

    async def use(self, label: str, name: str, wanted: Callable[[Query], bool], **value: object) -> None:
        """Give a widget another value and tell the server.

        Args:
            label: of the widget.
            name: of the action.
            wanted: whether an address shows that it was done.
            value: the field of `WidgetState` and what it becomes.
        """
        element = self.widgets[label]
        state = WidgetState(id=_widget(element).id)
        ((kind, new),) = value.items()
        if kind == "string_array_value":
            state.string_array_value.data.extend(new)
        else:
            setattr(state, kind, new)
        self.states[state.id] = state
        await self._send(Action(name, wanted, self._runs))
        if kind == "trigger_value":
            del self.states[state.id]  # a button is pressed once

    async def _send(self, action: Action) -> None:
        message = BackMsg()
        client = message.rerun_script
        client.query_string, client.page_name = urlencode(self.query), self.page
        client.widget_states.widgets.extend(self.states.values())
        client.cached_message_hashes.extend(self._cache)
        self.actions.append(action)
        self._open.append(action)
        if self._socket is not None:
            await self._socket.send(message.SerializeToString())

    def _take(self, data: bytes) -> None:
        self.heard(data)
        message = ForwardMsg()
        message.ParseFromString(data)
        if message.WhichOneof("type") == "ref_hash":
            _, kept = self._cache[message.ref_hash]
            self._cache[message.ref_hash] = self._runs, kept
            message = kept
        elif message.metadata.cacheable:
            self._cache[message.hash] = self._runs, message
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._runs, self._picture, self._drawn = self._runs + 1, 0.0, set()
            old = [name for name, (run, _) in self._cache.items() if run < self._runs - REMEMBERED]
            for name in old:
                del self._cache[name]
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._draw(message.delta.new_element)
        elif kind == "script_finished":
            for action in self._done:
                action.finished = monotonic()
            self._done = []
            if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:  # what is gone has no value
                self.states = {name: state for name, state in self.states.items() if name in self._drawn}

    def _draw(self, element: Element) -> None:
        kind = element.WhichOneof("type")
        if kind == "alert" and element.alert.format == element.alert.ERROR:
            self.errors.append(element.alert.body)
        elif kind == "exception":
            self.errors.append(element.exception.message)
        elif kind == "bidi_component" and element.bidi_component.component_name == ADDRESS:
            self._address(json.loads(element.bidi_component.mixed.json or element.bidi_component.json))
        elif kind == "plotly_chart" or kind == "bidi_component":
            self._picture = monotonic()
        if kind in WIDGETS:
            self.widgets[_widget(element).label] = element
            self._drawn.add(_widget(element).id)
            self._adopt(element)

    def _adopt(self, element: Element) -> None:
        """The value that the server gives a widget."""
        widget, kind = _widget(element), element.WhichOneof("type")
        state = WidgetState(id=widget.id)
        if kind == "number_input":
            value = widget.value if widget.set_value else widget.default
            name = "int_value" if widget.data_type == widget.INT else "double_value"
            setattr(state, name, int(value) if name == "int_value" else value)
        elif kind == "selectbox":
            state.string_value = widget.raw_value if widget.set_value else widget.options[widget.default]
        elif kind == "button_group":
            chosen = list(widget.raw_values) if widget.set_value else []
            state.string_array_value.data.extend(chosen)
        elif kind == "slider":
            state.double_array_value.data.extend(widget.value if widget.set_value else widget.default)
        elif kind == "checkbox":
            state.bool_value = widget.value if widget.set_value else widget.default
        else:
            return  # a button has no value
        if widget.set_value or widget.id not in self.states:
            self.states[widget.id] = state

    def _address(self, said: dict[str, object]) -> None:
        """The page is there: which actions does it show? It ends the wait for those before them, too."""
        now = monotonic()
        self.query = {name: str(text) for name, text in said["query"].items()}
        seen = [self._runs > action.run and action.wanted(self.query) for action in self._open]
        count = max((k + 1 for k, shows in enumerate(seen) if shows), default=0)
        for action, shows in zip(self._open[:count], seen[:count], strict=True):
            action.picture, action.page, action.overtaken = self._picture or now, now, not shows
            action.shown = urlencode(sorted(self.query.items()))
        self._done += self._open[:count]
        self._open = self._open[count:]


def _widget(element: Element) -> object:
    return getattr(element, element.WhichOneof("type"))
