"""Pictures of the console's pages: screenshots.py before|after ADDRESS SET-UP-LINK ROLLCALL DEMO FOLDER OUTPUT

DEMO is the folder that `make demo` made: its people are enrolled and walk through the pages, and nobody else is seen. FOLDER is for what is
needed on the way, OUTPUT gets NAME-desk-light.png, NAME-desk-dark.png, NAME-phone-light.png and NAME-phone-dark.png.

"before" is set-up, enrolment and days of the log, with a server that watches nothing; "after" everything else, with one that watches the door.
"""

import contextlib
import datetime
import io
import json
import pathlib
import random
import subprocess
import sys
import time

from console import Browser, Disappointment, Report, face_film, run, wait
from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

ADMIN, PASSWORD = "ada", "a door that opens twice"
# Width, least and greatest height.
SIZES = {"desk": (1440, 900, 1200), "phone": (390, 844, 1500)}
# Dialogs look alike: one theme for each width is enough.
DIALOG = {"desk": ("light",), "phone": ("dark",)}
BIDEN = "Joe Biden"


# Pictures


class Album:
    """Takes pictures of pages and keeps them small."""

    def __init__(self, browser, output):
        self.browser = browser
        self.output = output

    def __call__(self, name, themes=("light", "dark"), prepare=None):
        is_dialog = self.browser.find("//dialog[@open]") is not None
        for size, (width, least, greatest) in SIZES.items():
            self.browser.resize(width, least)
            if size == "phone":
                self.browser.script("for (const fold of document.querySelectorAll('details.fold')) fold.open = false")
            for theme in DIALOG[size] if is_dialog else themes:
                self.browser.theme(theme == "dark")
                # Charts are drawn anew, and menus slide.
                time.sleep(0.35)
                height = self.browser.script("return Math.ceil(document.querySelector('dialog[open]') ? 0 : document.body.scrollHeight)")
                self.browser.resize(width, max(least, min(height, greatest)))
                time.sleep(0.35)
                if prepare:
                    prepare()
                self.save(f"{name}-{size}-{theme}")
                self.browser.resize(width, least)
        self.browser.theme(False)
        self.browser.resize(*SIZES["desk"][:2])
        self.browser.script("for (const fold of document.querySelectorAll('details.fold')) fold.open = true")

    def save(self, name):
        picture = Image.open(io.BytesIO(self.browser.driver.get_screenshot_as_png())).convert("RGB")
        # The page's own colours are the most frequent ones and stay as they are; the rest of the palette is for camera pictures.
        counted = sorted(picture.getcolors(1 << 24), reverse=True)
        own = [colour for count, colour in counted[:80]]
        others = picture.quantize(64, method=Image.Quantize.MEDIANCUT).getpalette()
        palette = Image.new("P", (1, 1))
        palette.putpalette([part for colour in own for part in colour] + others)
        few = picture.quantize(palette=palette, dither=Image.Dither.NONE)
        few.save(self.output / f"{name}.png", optimize=True)


def settled(browser):
    wait("the page", lambda: browser.driver.find_elements(By.CSS_SELECTOR, "h1"))
    wait("everything on it", lambda: not browser.script("return document.querySelector('.skeleton, [aria-busy=true]')"))


# What happened before


class Door:
    """Short films of the demo's people at the door, for the log of the days before."""

    def __init__(self, rollcall, demo, folder):
        self.rollcall = rollcall
        self.folder = folder
        self.people = {False: self.cut(demo / "door" / "5-group.jpg"), True: self.cut(demo / "masked" / "group.jpg")}
        self.films = {}

    def cut(self, file):
        """The picture of each person in a picture of all three."""
        answer = subprocess.run(
            [self.rollcall, "identify", str(file), "--format", "jsonl"], capture_output=True, check=True, text=True
        )
        faces = sorted((json.loads(line) for line in answer.stdout.splitlines()), key=lambda face: face["box"][0])
        with Image.open(file) as opened:
            group = opened.convert("RGB")
        edges = [0, *((a["box"][0] + a["box"][2] + b["box"][0]) // 2 for a, b in zip(faces, faces[1:])), group.width]
        return {
            face["identity"]["name"]: group.crop((left, 0, right, group.height))
            for face, left, right in zip(faces, edges, edges[1:])
        }

    def film(self, name, masked):
        if (name, masked) not in self.films:
            picture = self.people[masked][name].reduce(2)
            file = self.folder / f"{name.replace(' ', '-')}-{masked}.mjpeg"
            with open(file, "wb") as out:
                for number in range(12):
                    wall = Image.new("RGB", (picture.width + 60, picture.height), (203, 197, 186))
                    wall.paste(picture, (20 + number, 0))
                    wall.save(out, "JPEG", quality=88)
            self.films[name, masked] = file
        return self.films[name, masked]

    def pass_by(self, camera, name, masked, moment):
        subprocess.run(
            [self.rollcall, "live", str(self.film(name, masked)), "--camera", camera, "--fast", "--began", moment.isoformat(), "--snapshots", "7"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )


def fill_log(door, days):
    """Working days with different hours, and masks that not everybody wears every day."""
    chance = random.Random(11)
    today = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    begins = {"Barack Obama": 8 * 60, "Eileen Collins": 8 * 60 + 40, BIDEN: 9 * 60 + 5}
    wears = {"Barack Obama": 0.8, "Eileen Collins": 0.6, BIDEN: 0.9}
    for back in range(days, 0, -1):
        day = today - datetime.timedelta(days=back)
        if day.weekday() >= 5:
            continue
        for name, begin in begins.items():
            if chance.random() < 0.12:
                continue
            come = day + datetime.timedelta(minutes=begin + chance.randint(-14, 18), seconds=chance.randint(0, 59))
            go = come + datetime.timedelta(minutes=8 * 60 + chance.randint(-50, 45))
            door.pass_by("front-desk", name, chance.random() < wears[name], come)
            door.pass_by("door", name, chance.random() < wears[name], go)


# The pages


def set_up(browser, album, link):
    browser.open(link)
    browser.type("Your name for logging in", ADMIN)
    for label in ("Password", "Password again"):
        browser.type(label, PASSWORD)
    album("setup")
    browser.press("Make the account")
    browser.heading("Rollcall is set up")
    album("setup-done")


def enroll(browser, album):
    browser.open("/people-new")
    browser.type("Name", BIDEN)
    browser.type("Id", "Joe_Biden")
    browser.press("staff")
    album("enroll-who")
    browser.press("Next: consent")
    browser.tick(f"{BIDEN} has heard")
    album("enroll-consent")
    browser.press("Next: photos")
    browser.press("Start the camera")
    browser.see("Enroll with 3 photos")
    album("enroll-photos")
    browser.press("Enroll with 3 photos")
    browser.see(f"{BIDEN} is enrolled")
    album("enroll-done")


def dialog(browser, album, name, button, within="", before=None):
    browser.press(button, within)
    wait(f"the dialog {name}", lambda: browser.find("//dialog[@open]"))
    if before:
        before()
    album(name)
    browser.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    wait("its end", lambda: not browser.find("//dialog[@open]"))


def live(browser, album, report):
    browser.open("/live")
    for name in ("Barack Obama", "Eileen Collins", BIDEN):
        wait(f"{name} at the door", lambda name=name: browser.find(f"//section[@aria-label='Here now']//a[.='{name}']"))

    def known():
        # A moment in which all three are seen well.
        with contextlib.suppress(Disappointment):
            wait("three faces with names", lambda: browser.script(
                "const faces = [...document.querySelectorAll('[aria-label^=\"Faces at\"] li')].map((one) => one.textContent);"
                "return faces.length === 3 && faces.every((one) => /sure, wears/.test(one))"), 40)

    wait("a few entries", lambda: browser.script("return document.querySelectorAll('[aria-label=\"Latest events\"] li').length > 2"))

    album("live", prepare=known)
    report("live")


def camera(browser, album):
    browser.open("/camera")
    album("camera-before")
    browser.type("Name of this camera", "front-desk")
    browser.press("Switch the camera on")
    wait("his name", lambda: browser.find(f"//section[@aria-label='Here now']//a[.='{BIDEN}']"))
    album("camera")
    browser.press("Switch off")


def kiosk(browser, album):
    browser.press("Start")
    browser.see("Eileen")
    browser.see("Thank you")
    # It is dark at all times.
    album("kiosk", themes=("dark",))


def attendance(browser, album):
    # A whole day: today is the film, again and again.
    browser.open("/attendance")
    settled(browser)
    browser.press("Previous day")
    settled(browser)
    while not browser.find("//section[@aria-labelledby='people-title']//tbody/tr"):
        browser.press("Previous day")
        settled(browser)
    browser.press("Add a mark")
    browser.type("Person", "Eileen", "//dialog")
    wait("her name in the list", lambda: browser.find("//dialog//li[@role='option']")).click()
    browser.script("document.querySelector('dialog input[type=time]').value = '16:35'")
    browser.script("document.querySelector('dialog input[value=out]').checked = true")
    browser.type("Reason", "Left by the back door", "//dialog")
    album("mark")
    browser.press("Add the mark", "//dialog")
    browser.see("Left by the back door")
    browser.press("Make void: Marked out by hand")
    browser.type("Why is it wrong?", "It was somebody else", "//dialog")
    album("void")
    browser.press("Make void", "//dialog")
    browser.see("It was somebody else")
    wait("no message", lambda: not browser.find("//*[@class='toast']"))
    browser.script("scrollTo(0, 0)")
    album("attendance-day")
    dialog(browser, album, "attendance-details", "Details of", before=lambda: browser.see("Arrived"))
    browser.open("/attendance?view=week")
    settled(browser)
    browser.press("Previous week")
    settled(browser)
    album("attendance-week")
    browser.open("/attendance?view=month")
    settled(browser)
    album("attendance-month")
    dialog(browser, album, "export", "Export")


def users(browser, album):
    browser.open("/users")
    for name, role in (("grace", "operator"), ("office", "viewer")):
        browser.press("Add a user")
        browser.type("Name", name, "//dialog")
        browser.script(
            "const box = document.querySelector('dialog select'); box.value = arguments[0]; box.dispatchEvent(new Event('change'))", role
        )
        browser.type("Password", "another door that opens", "//dialog")
        browser.press("Add the user", "//dialog")
        browser.see(f"{name} can log in now.")
    wait("no message", lambda: not browser.find("//*[@class='toast']"))
    album("users")
    browser.press("API tokens")
    browser.press("New token")
    browser.type("Name", "Tablet at the front door", "//dialog")
    album("token-new")
    browser.press("Make the token", "//dialog")
    browser.press("I have kept it")
    browser.see("Tablet at the front door")
    album("users-tokens")
    browser.press("Roles")
    album("users-roles")


def main():
    part, address, link, rollcall, demo, folder, output = sys.argv[1:]
    demo, folder, output = pathlib.Path(demo), pathlib.Path(folder), pathlib.Path(output)
    for place in (folder, output):
        place.mkdir(parents=True, exist_ok=True)
    report = Report()
    bare = face_film(rollcall, demo / "people" / "Joe_Biden" / "portrait.jpg", folder / "bare.y4m", share=0.3, size=(960, 720))
    with contextlib.ExitStack() as stack:
        browser = stack.enter_context(Browser(address, camera=bare, scrollbars=False))
        album = Album(browser, output)
        try:
            if part == "before":
                set_up(browser, album, link)
                enroll(browser, album)
                report("set-up and enrolment")
                fill_log(Door(rollcall, demo, folder), 16)
                report("what happened before")
            else:
                browser.open("/login")
                album("login")
                browser.log_in(ADMIN, PASSWORD)
                browser.heading("Live")
                live(browser, album, report)
                camera(browser, album)
                pages(browser, album)
                report("the other pages")
                masked = folder / "masked.png"
                Door(rollcall, demo, folder).people[True]["Eileen Collins"].save(masked)
                covered = face_film(rollcall, masked, folder / "masked.y4m", share=0.3, size=(960, 720))
                tablet = stack.enter_context(Browser(address, camera=covered, scrollbars=False))
                tablet.open("/kiosk")
                tablet.log_in(ADMIN, PASSWORD)
                tablet.see("Rollcall at the door")
                kiosk(tablet, Album(tablet, output))
                tablet.check_troubles()
                report("the kiosk")
            browser.check_troubles()
        except BaseException:
            browser.show_failure(folder / "screenshots.png")
            raise


def pages(browser, album):
    browser.open("/people")
    settled(browser)
    album("people")
    browser.open("/person?id=Joe_Biden")
    settled(browser)
    album("person")
    dialog(browser, album, "forget", "Forget this person")
    attendance(browser, album)
    browser.open("/masks")
    settled(browser)
    album("masks")
    browser.open("/cameras")
    browser.see("Running")
    album("cameras")
    dialog(browser, album, "camera-add", "Add a camera")
    users(browser, album)
    browser.open("/audit")
    settled(browser)
    album("audit")


if __name__ == "__main__":
    run(main, 1200)
