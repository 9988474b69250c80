"""The console's main way in a real browser: main_way.py ADDRESS SET-UP-LINK ROLLCALL FOLDER

Set-up, enrolment from a file and with a camera, recognition behind a mask, the log, a correction, a spreadsheet, forgetting, logging out.
ROLLCALL is the program, FOLDER a place for films and downloads.
"""

import contextlib
import datetime
import pathlib
import subprocess
import sys
import time

import openpyxl
from console import Browser, Disappointment, Report, face_film, literal, picture_folder, run, wait
from selenium.webdriver.common.by import By

ADMIN, PASSWORD = "ada", "a door that opens twice"
COLLINS, OBAMA = "Eileen Collins", "Barack Obama"

# The camera's page: when the first answer with a name came.
NOTE_ANSWERS = """
  const ask = window.fetch;
  window.fetch = async (...request) => {
    const response = await ask(...request);
    if (/\\/cameras\\/.*\\/frames/.test(String(request[0])) && response.ok) {
      const time = Date.now();
      response.clone().json().then(({ faces }) => {
        for (const { identity, mask } of faces) if (identity) window.firstAnswer ??= { time, name: identity.name, mask: mask.label, method: identity.method };
      });
    }
    return response;
  };
"""

# The live page: when the name first stood in its lists.
NOTE_NAMES = """
  const [name, done] = arguments;
  const seen = {};
  const places = { here: '[aria-label="Here now"]', latest: '[aria-label="Latest events"]' };
  const look = () => {
    for (const [place, selector] of Object.entries(places)) {
      if (!seen[place] && document.querySelector(selector)?.textContent.includes(name)) seen[place] = Date.now();
    }
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  window.nameSeen = seen;
"""


def set_up(browser, link, report):
    browser.open("/")
    wait("that a console without users goes to its set-up", lambda: browser.path == "/setup")
    browser.see("works once")
    # Into the same tab, where only what follows the # is new.
    browser.open(link)
    browser.type("Your name for logging in", ADMIN)
    # A password that is too short is refused in words, beside its field.
    browser.type("Password", "short")
    browser.type("Password again", "short")
    browser.press("Make the account")
    wait("a complaint about the password", lambda: browser.find("//input[@name='password'][@aria-invalid='true']"))
    if "#" in browser.script("return location.href"):
        raise Disappointment("the one-time secret stands in the address")
    browser.type("Password", PASSWORD)
    browser.type("Password again", PASSWORD)
    browser.press("Make the account")
    browser.heading("Rollcall is set up")
    report("the first administrator is made from the one-time link")


def enroll_who_and_consent(browser, name, group):
    browser.open("/people-new")
    browser.type("Name", name)
    browser.type("Another group", group)
    browser.press("Next: consent")
    browser.see(f"{name} agrees")
    browser.press("Next: photos")
    browser.see("Without consent nobody is enrolled.")
    browser.tick(f"{name} has heard or read this and agrees.")
    browser.press("Next: photos")


def enrolled(browser, name):
    browser.see(f"{name} is enrolled")
    browser.press(f"Open {name}")
    browser.heading(name)
    return browser.script("return new URLSearchParams(location.search).get('id')")


def enroll_from_file(browser, report):
    enroll_who_and_consent(browser, COLLINS, "visitors")
    wait("a place for files", lambda: browser.driver.find_elements(By.CSS_SELECTOR, "input[type=file]"))
    browser.driver.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(str(picture_folder() / "astronaut.png"))
    browser.press("Enroll with 1 photo")
    enrolled(browser, COLLINS)
    report(f"{COLLINS} is enrolled from a file")


def enroll_with_camera(browser, report):
    enroll_who_and_consent(browser, OBAMA, "staff")
    browser.press("Start the camera")
    browser.press("Enroll with 3 photos")
    identity = enrolled(browser, OBAMA)
    browser.see("Given on")
    report(f"{OBAMA} is enrolled with the camera, which took three photos by itself")
    return identity


def recognise_masked(door, live, report):
    """One browser is the camera, the other one looks at Live."""
    live.open("/live")
    live.heading("Live")
    live.see("Nobody is in front of a camera.")
    wait("the live stream", lambda: live.find("//*[@role='status'][normalize-space()='Live']"))
    live.script(NOTE_NAMES, OBAMA)
    door.open("/camera")
    door.type("Name of this camera", "front-desk")
    door.press("Switch the camera on")
    here = "//section[@aria-label='Here now']"
    wait(
        f"{OBAMA} with a mask on the page of the camera",
        lambda: door.find(f"{here}//li[contains(., {literal(OBAMA)})]//*[@data-mask='mask']"),
    )
    seen = wait(
        f"{OBAMA} under Here now and Latest on Live",
        lambda: live.script("return Object.keys(window.nameSeen).length === 2 ? window.nameSeen : null"),
    )
    answer = door.script("return window.firstAnswer")
    wait(f"{OBAMA} with a mask on Live", lambda: live.find(f"{here}//li[contains(., {literal(OBAMA)})]//*[@data-mask='mask']"))
    delays = {place: (moment - answer["time"]) / 1000 for place, moment in seen.items()}
    words = ", ".join(f"{place} {delay:+.3f} s" for place, delay in delays.items())
    report(f"{OBAMA} is known behind the mask ({answer['method']}); from the answer to Live: {words}")
    if answer["name"] != OBAMA:
        raise Disappointment(f"the first name was {answer['name']}")


def attendance(browser, report):
    browser.open("/attendance")
    browser.heading("Attendance")
    people = "//section[@aria-labelledby='people-title']"
    entries = "//section[@aria-labelledby='entries-title']"
    wait(f"{OBAMA} among the people of today", lambda: browser.find(f"{people}//tr[contains(., {literal(OBAMA)})]"))
    arrival = f"{entries}//tr[contains(., {literal(OBAMA)})][contains(., 'Arrived')]"
    row = wait(f"{OBAMA}'s arrival", lambda: browser.find(arrival))
    if "front-desk" not in row.text:
        raise Disappointment(f"the arrival does not say where: {row.text}")
    report("the arrival is under Attendance")

    browser.press("Add a mark")
    browser.type("Person", "Eileen", "//dialog")
    option = wait("her name in the list", lambda: browser.find("//dialog//li[@role='option'][contains(., 'Eileen Collins')]"))
    option.click()
    browser.type("Reason", "Came by the back door", "//dialog")
    browser.press("Add the mark", "//dialog")
    browser.see("By ada: Came by the back door")

    browser.press("Make void: Marked in by hand", entries)
    browser.press("Make void", "//dialog")
    browser.see("Please fill this in.")
    browser.type("Why is it wrong?", "A rehearsal", "//dialog")
    browser.press("Make void", "//dialog")
    wait("the void entry, struck through", lambda: browser.find(f"{entries}//tr[contains(@class, 'void')][contains(., 'A rehearsal')]"))
    report("a mark by hand and a void entry are shown with their reasons")


def spreadsheet(browser, folder, report):
    browser.downloads(folder)
    browser.open("/attendance")
    browser.press("Export")
    for choice in ("Days", "Excel"):
        label = wait(f"the choice {choice}", lambda: browser.find(f"//dialog//label[.//strong[normalize-space()='{choice}']]"))
        label.click()
    browser.press("Download", "//dialog")
    file = wait("the spreadsheet", lambda: next((file for file in folder.glob("*.xlsx") if file.stat().st_size), None))
    book = openpyxl.load_workbook(file)
    rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
    title = next((index for index, row in enumerate(rows) if any("name" in str(cell).lower() for cell in row)), 0)
    found = [row for row in rows[title + 1:] if OBAMA in row]
    today = datetime.datetime.now(datetime.timezone.utc).date()
    dates = [cell.date() if isinstance(cell, datetime.datetime) else cell for row in found for cell in row]
    if len(found) != 1 or not any(str(cell) == today.isoformat() for cell in dates):
        raise Disappointment(f"{file.name}: no row of {OBAMA} and {today} in {rows}")
    report(f"{file.name} has the row of {OBAMA} and today")


def forget(browser, live, identity, report):
    browser.open(f"/person?id={identity}")
    browser.press("Forget this person")
    browser.type("Type", "Somebody else", "//dialog")
    browser.press("Forget for good", "//dialog")
    browser.see("This is not the same.")
    browser.type("Type", OBAMA, "//dialog")
    browser.press("Forget for good", "//dialog")
    browser.heading(f"{OBAMA} is forgotten")
    browser.see("0 references left")

    tab = browser.driver.current_window_handle
    browser.driver.switch_to.window(live)
    wait("that the name leaves the open Live page", lambda: OBAMA not in browser.text)
    browser.driver.switch_to.window(tab)

    browser.open("/people")
    browser.see(COLLINS)
    gone(browser, "People")
    browser.open("/attendance")
    browser.see("Came by the back door")
    gone(browser, "Attendance")
    browser.open("/live")
    wait("the live stream", lambda: browser.find("//*[@role='status'][normalize-space()='Live']"))
    gone(browser, "Live")
    browser.open(f"/person?id={identity}")
    browser.see("There is no person with that id.")
    gone(browser, "the person's page")
    browser.open("/audit")
    browser.see("Forgot a person")
    gone(browser, "Audit")
    report(f"{OBAMA} is forgotten: on no page any more")


def gone(browser, place):
    if OBAMA in browser.text or OBAMA in browser.driver.title:
        raise Disappointment(f"the forgotten name still stands on {place}")


def log_out(browser, report):
    wait("the user's menu", lambda: browser.find("//button[@aria-controls='user-menu']")).click()
    browser.press("Log out")
    browser.see("Password")
    wait("the page to log in", lambda: browser.path == "/login")
    browser.open("/people")
    wait("that People asks for a login", lambda: browser.path == "/login")
    browser.log_in(ADMIN, "a door that opens once")
    browser.see("Name and password do not belong together.")
    browser.log_in(ADMIN, PASSWORD)
    browser.heading("People")
    report("logging out, a wrong password, and back to where one wanted to go")


def main():
    address, link, rollcall, folder = sys.argv[1:]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    report = Report()
    bare = face_film(rollcall, picture_folder() / "obama.jpg", folder / "bare.y4m")
    photo = folder / "masked.png"
    subprocess.run(
        [rollcall, "mask", "render", str(picture_folder() / "obama.jpg"), "--output", str(photo)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    masked = face_film(rollcall, photo, folder / "masked.y4m", share=0.25)
    report("films for the cameras are made")
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        desk = stack.enter_context(Browser(address, camera=bare))
        door = None
        try:
            set_up(desk, link, report)
            enroll_from_file(desk, report)
            identity = enroll_with_camera(desk, report)
            door = stack.enter_context(Browser(address, camera=masked, width=1280, height=800, preload=NOTE_ANSWERS))
            door.open("/camera")
            door.log_in(ADMIN, PASSWORD)
            door.heading("This browser’s camera")
            recognise_masked(door, desk, report)
            door.press("Switch off")
            # Live stays open in its tab.
            live = desk.driver.current_window_handle
            desk.driver.switch_to.new_window("tab")
            attendance(desk, report)
            spreadsheet(desk, folder, report)
            forget(desk, live, identity, report)
            log_out(desk, report)
            for browser in (desk, door):
                browser.check_troubles()
        except BaseException:
            for name, browser in (("desk", desk), ("door", door)):
                if browser:
                    browser.show_failure(folder / f"{name}.png")
            raise
    print(f"the whole way took {time.monotonic() - began:.1f} s")


run(main, 400)
