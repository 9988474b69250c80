"""What the console's checks in a real browser have in common: the browser, waiting, films for its camera.

Everything here waits for what a person would see, and says what it waited for when that does not come.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

from PIL import Image
from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    JavascriptException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

CHROMIUM = "/usr/bin/chromium"
DRIVER = "/usr/bin/chromedriver"
# What changes while one looks at it is looked at again.
RESTLESS = (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    JavascriptException,
    NoSuchElementException,
    StaleElementReferenceException,
)
# Long, because other tests may run beside this one; a wait ends as soon as it can.
PATIENCE = 60.0


class Disappointment(AssertionError):
    """Something that a person would have seen did not come."""


def wait(what, condition, seconds=PATIENCE):
    """Asks again and again until the answer is true, and gives it."""
    end = time.monotonic() + seconds
    while True:
        try:
            answer = condition()
        except RESTLESS:
            answer = None
        if answer:
            return answer
        if time.monotonic() > end:
            raise Disappointment(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(0.04)


def literal(text):
    """A text as XPath writes it."""
    if "'" not in text:
        return f"'{text}'"
    return "concat(" + ", \"'\", ".join(f"'{part}'" for part in text.split("'")) + ")"


class Browser:
    """One Chromium with a profile of its own: a person at a computer."""

    def __init__(self, address, camera=None, width=1440, height=900, dark=False, preload=None, scrollbars=True):
        self.address = address.rstrip("/")
        options = Options()
        options.binary_location = CHROMIUM
        flags = [
            "--headless=new",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            "--mute-audio",
            "--lang=en-GB",
            "--force-color-profile=srgb",
            f"--window-size={width},{height}",
            # Two windows at once: neither may fall asleep because the other one is in front.
            "--disable-renderer-backgrounding",
            "--disable-background-timer-throttling",
            "--disable-backgrounding-occluded-windows",
        ]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")
        if not scrollbars:
            flags.append("--hide-scrollbars")
        if camera:
            flags += [
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-video-capture={camera}",
            ]
        for flag in flags:
            options.add_argument(flag)
        options.add_experimental_option("prefs", {"intl.accept_languages": "en-GB,en"})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        self.driver.set_page_load_timeout(PATIENCE)
        self.driver.set_script_timeout(PATIENCE)
        self.troubles = []
        self.resize(width, height)
        self.theme(dark)
        if preload:
            self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": preload})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    # The window

    def resize(self, width, height):
        """Also to sizes that no window may have."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    def theme(self, dark):
        """What the system prefers."""
        features = [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def downloads(self, folder):
        self.driver.execute_cdp_cmd(
            "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)}
        )

    # Looking

    def open(self, path):
        self.note_troubles()
        self.driver.get(path if path.startswith("http") else self.address + path)

    def script(self, text, *values):
        return self.driver.execute_script(text, *values)

    @property
    def path(self):
        return self.script("return location.pathname")

    def find(self, xpath, root=None):
        """The first that can be seen, or None."""
        for element in (root or self.driver).find_elements(By.XPATH, xpath):
            if element.is_displayed():
                return element
        return None

    def see(self, text, seconds=PATIENCE):
        """Waits until a text stands on the page."""
        wait(f"“{text}” on {self.path}", lambda: text in self.text, seconds)

    @property
    def text(self):
        """All that can be read on the page, also in an open dialog."""
        return self.script("return document.body.innerText")

    def heading(self, text):
        wait(f"the title “{text}”", lambda: self.find(f"//h1[normalize-space()={literal(text)}]"))

    # Doing

    def do(self, what, action, seconds=PATIENCE):
        """Does something as soon as it can be done."""

        def attempt():
            return action() is not None

        wait(what, attempt, seconds)

    def press(self, text, within=""):
        """Clicks a button or a link by its words, or by the name that it says aloud."""
        words = literal(text)
        # Initials may stand before the words.
        end = f"substring(normalize-space(), string-length(normalize-space()) - {len(text) - 1})={words}"
        xpath = (
            f"{within}//*[self::button or self::a or self::summary]"
            f"[{end} or starts-with(@aria-label, {words})][not(@disabled)]"
        )

        def click():
            element = self.find(xpath)
            if element is None:
                return None
            self.script("arguments[0].scrollIntoView({block: 'center'})", element)
            element.click()
            return element

        self.do(f"a button “{text}” on {self.path}", click)

    def control(self, label, within=""):
        """A field by its label."""
        words = literal(label)
        xpath = f"{within}//label[starts-with(normalize-space(), {words})]"

        def look():
            found = self.find(xpath)
            if found is None:
                return None
            target = found.get_attribute("for")
            return self.driver.find_element(By.ID, target) if target else found.find_element(By.TAG_NAME, "input")

        return wait(f"a field “{label}”", look)

    def type(self, label, text, within=""):
        field = self.control(label, within)
        field.clear()
        field.send_keys(text)

    def tick(self, label, within=""):
        field = self.control(label, within)
        if not field.is_selected():
            field.click()

    def log_in(self, name, password):
        self.type("Name", name)
        self.type("Password", password)
        self.press("Log in")

    # What went wrong unseen

    def note_troubles(self):
        """Errors that the browser writes into its console: none of them is allowed but answers that a check asked for."""
        for entry in self.driver.get_log("browser"):
            if entry["level"] == "SEVERE" and "Failed to load resource" not in entry["message"]:
                self.troubles.append(entry["message"])

    def check_troubles(self):
        self.note_troubles()
        if self.troubles:
            raise Disappointment("the browser's console: " + "; ".join(self.troubles))

    def show_failure(self, file):
        """For whoever wants to know why."""
        try:
            self.driver.save_screenshot(str(file))
            print(f"--- {self.driver.current_url}, {file}\n{self.text}\n---")
        except Exception as error:  # The browser itself may be what failed.
            print(f"--- no picture: {error}")


# Films for the browser's camera


def film(photo, file, center, width, size=(640, 480), seconds=4, rate=10):
    """Shows a photo to the browser's camera: somebody who stands there and moves a little.

    center: of the face in the photo; width: of what is shown of the photo in its middle position, in the photo's pixels.
    """
    with Image.open(photo) as opened:
        photo = opened.convert("RGB")
    # No wider than the photo: beside it there is nothing.
    width = min(width, photo.width / 1.04, photo.height * size[0] / size[1] / 1.04)
    height = width * size[1] / size[0]
    x = min(max(center[0], width * 0.52), photo.width - width * 0.52)
    y = min(max(center[1], height * 0.52), photo.height - height * 0.52)
    count = seconds * rate
    with open(file, "wb") as out:
        out.write(f"YUV4MPEG2 W{size[0]} H{size[1]} F{rate}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(count):
            # There and back, so that the film begins again where it ended.
            sway = abs(2 * number / count - 1) - 0.5
            left, top = x - width / 2 + sway * width * 0.03, y - height / 2 + sway * height * 0.01
            box = (round(left), round(top), round(left + width), round(top + height))
            luma, blue, red = photo.crop(box).resize(size, Image.BICUBIC).convert("YCbCr").split()
            half = (size[0] // 2, size[1] // 2)
            out.write(b"FRAME\n" + luma.tobytes())
            out.write(blue.resize(half).tobytes() + red.resize(half).tobytes())
    return str(file)


def main_face(rollcall, photo, environment=None):
    """The box of the largest face, as the program finds it."""
    answer = subprocess.run(
        [rollcall, "mask", str(photo), "--format", "jsonl"],
        capture_output=True,
        check=True,
        text=True,
        env=environment,
    )
    faces = [json.loads(line) for line in answer.stdout.splitlines()]
    return max((face["box"] for face in faces), key=lambda box: box[2] * box[3])


def face_film(rollcall, photo, file, share=0.3, environment=None, **options):
    """A film in which the photo's main face takes this share of the picture's width."""
    x, y, width, height = main_face(rollcall, photo, environment)
    return film(photo, file, (x + width / 2, y + height / 2), width / share, **options)


# Running


class Report:
    """Says what is being checked and how long it took."""

    def __init__(self):
        self.begin = self.last = time.monotonic()

    def __call__(self, text):
        now = time.monotonic()
        print(f"{now - self.begin:6.1f} s  {text} ({now - self.last:.1f} s)", flush=True)
        self.last = now


def run(main, seconds):
    """Runs a script's main function: it ends after so many seconds whatever happens."""

    def end(*_):
        raise TimeoutError(f"not done after {seconds} s")

    signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        main()
    except (Disappointment, TimeoutError) as error:
        print(f"FAILED: {error}", flush=True)
        sys.exit(1)


def picture_folder():
    return pathlib.Path(__file__).resolve().parents[3] / ".deps" / "pictures"
