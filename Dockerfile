# The app in a container, for one machine or as one replica of several (compose.yaml).
#
#     docker build -t rolling-ball .                          on the processor
#     docker build -t rolling-ball --build-arg TORCH=cuda .   with CUDA (run it with --gpus all), for code of one's
#                                                           own with `rbo`: the pages compute on the processor
FROM python:3.13-slim

ARG TORCH=cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1
# The threads of a server share two heaps: with one each, memory that is given back stays with the process.
ENV MALLOC_ARENA_MAX=2

RUN useradd --create-home --uid 1000 ball
WORKDIR /app
RUN chown ball /app

# The package index has torch with CUDA; the smaller one for processors alone comes from torch's own.
COPY requirements.txt .
RUN if [ "$TORCH" = cpu ]; then \
      pip install "$(grep '^torch==' requirements.txt)" --index-url https://download.pytorch.org/whl/cpu; \
    fi \
    && pip install -r requirements.txt

COPY --chown=ball . .
USER ball
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true"]
