#ifndef ROLLCALL_CMICROHTTPD_SHIM_H
#define ROLLCALL_CMICROHTTPD_SHIM_H

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>

// glibc declares it for GNU programs only; Swift does not count as one.
int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

// Swift has no va_list callbacks: what the library has to say arrives here as a finished text.
struct rollcall_mhd_logger {
  void (*write)(void *context, const char *message);
  void *context;
};

static void rollcall_mhd_log(void *logger, const char *format, va_list arguments) {
  struct rollcall_mhd_logger *to = (struct rollcall_mhd_logger *)logger;
  char text[512];
  vsnprintf(text, sizeof text, format, arguments);
  to->write(to->context, text);
}

struct rollcall_mhd_settings {
  unsigned int threads;
  unsigned int connections;
  unsigned int connections_per_address;
  // Seconds.
  unsigned int timeout;
  // Bytes for head, reading and writing of one connection.
  size_t memory;
  // PEM; null without TLS.
  const char *certificate;
  const char *key;
};

// The path and its escapes are taken apart in Swift, which needs them as they came.
static size_t rollcall_mhd_keep(void *context, struct MHD_Connection *connection, char *text) {
  (void)context;
  (void)connection;
  size_t length = 0;
  while (text[length]) length++;
  return length;
}

// MHD_start_daemon is variadic, which Swift cannot call. It has no socket to listen on: connections are given to it.
static inline struct MHD_Daemon *rollcall_mhd_start(
    const struct rollcall_mhd_settings *settings, struct rollcall_mhd_logger *logger, void *context,
    MHD_AccessHandlerCallback handle, MHD_RequestCompletedCallback completed, MHD_NotifyConnectionCallback connection,
    void *(*target)(void *context, const char *target, struct MHD_Connection *connection)) {
  struct MHD_OptionItem tls[] = {
      {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)settings->certificate},
      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)settings->key},
      {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)"SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
      {MHD_OPTION_END, 0, NULL}};
  unsigned int flags = MHD_USE_ERROR_LOG | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME |
                       MHD_USE_NO_LISTEN_SOCKET;
  if (settings->certificate) flags |= MHD_USE_TLS;
  return MHD_start_daemon(
      flags, 0, NULL, NULL, handle, context,
      // First, so that it also gets what is wrong with the options behind it.
      MHD_OPTION_EXTERNAL_LOGGER, rollcall_mhd_log, logger,
      MHD_OPTION_THREAD_POOL_SIZE, settings->threads,
      MHD_OPTION_CONNECTION_LIMIT, settings->connections,
      MHD_OPTION_PER_IP_CONNECTION_LIMIT, settings->connections_per_address,
      MHD_OPTION_CONNECTION_TIMEOUT, settings->timeout,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, settings->memory,
      MHD_OPTION_STRICT_FOR_CLIENT, 1,
      MHD_OPTION_UNESCAPE_CALLBACK, rollcall_mhd_keep, NULL,
      MHD_OPTION_URI_LOG_CALLBACK, target, context,
      MHD_OPTION_NOTIFY_COMPLETED, completed, context,
      MHD_OPTION_NOTIFY_CONNECTION, connection, context,
      settings->certificate ? MHD_OPTION_ARRAY : MHD_OPTION_END, tls,
      MHD_OPTION_END);
}

// These answers are unions behind a variadic call.
static inline const struct sockaddr *rollcall_mhd_address(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info ? info->client_addr : NULL;
}

static inline int rollcall_mhd_descriptor(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

static inline void *rollcall_mhd_context(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}

// Macros with casts, which Swift does not see.
static const uint64_t rollcall_mhd_size_unknown = MHD_SIZE_UNKNOWN;
static const ssize_t rollcall_mhd_end_of_stream = MHD_CONTENT_READER_END_OF_STREAM;
static const ssize_t rollcall_mhd_end_with_error = MHD_CONTENT_READER_END_WITH_ERROR;

#endif
