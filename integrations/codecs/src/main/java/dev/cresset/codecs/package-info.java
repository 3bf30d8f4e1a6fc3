/**
 * Requests and responses of the Open Inference Protocol (KServe v2, Triton), as bytes: in JSON, in JSON with binary data
 * behind it, and as protobuf messages. For whoever writes a server or a client; nothing here opens a connection.
 *
 * <ol>
 *   <li>BOOL, UINT8, INT8 to INT64, FP16, BF16, FP32 and FP64 are tensors; BYTES are strings. UINT16, UINT32 and UINT64 have
 *       no tensors here and are refused.
 *   <li>A body from outside is hostile: what is wrong with it is an {@link dev.cresset.InvalidInputException}, of one
 *       sentence. Nothing is allocated for a size that a body only declares.
 *   <li>Reading makes tensors, which live off-heap: who reads a message closes it.
 * </ol>
 */
@NullMarked
package dev.cresset.codecs;

import org.jspecify.annotations.NullMarked;
