"""The job of `rollcall live` as it is written with face_recognition at its default settings: find every face of a picture,
encode it, and compare it with those that are known. Prints seconds a picture, without the time to decode it.

usage: face_recognition_job.py FILM KNOWN.jpg hog|cnn PICTURES
"""

import sys
import time

import cv2
import face_recognition

film, known, model, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
people = face_recognition.face_encodings(face_recognition.load_image_file(known))
capture = cv2.VideoCapture(film)
length = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
spent, faces = [], 0
for index in range(count):
    # From the middle of the film, when everybody is there.
    capture.set(cv2.CAP_PROP_POS_FRAMES, length // 4 + index * (length // 2) // count)
    _, picture = capture.read()
    picture = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
    begin = time.perf_counter()
    boxes = face_recognition.face_locations(picture, model=model)
    for encoding in face_recognition.face_encodings(picture, boxes):
        face_recognition.compare_faces(people, encoding)
    spent.append(time.perf_counter() - begin)
    faces += len(boxes)
print(f"{sum(spent) / len(spent):.4f} {faces / count:.1f}")
