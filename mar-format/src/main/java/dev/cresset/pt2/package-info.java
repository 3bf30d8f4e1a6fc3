/**
 * Opens the programs that {@code torch.export.save} writes ({@code .pt2}) and reads what is in them. Start at {@link
 * dev.cresset.pt2.Pt2Archive#open(java.nio.file.Path) Pt2Archive.open}.
 *
 * <p>What holds in this package is what holds in {@link dev.cresset.mar}, and:
 *
 * <ul>
 *   <li><b>Nothing is unpickled.</b> What a writer pickled is refused by name: tensors of classes of their own, objects of
 *       C++ classes, the weights of older writers.
 *   <li><b>The schema's names.</b> The records mirror export's own schema, so that what is read can be looked up there.
 *       Within a major version what is unknown is passed over where it only adds, and refused where it would be one kind
 *       of several.
 *   <li><b>No tensors.</b> A weight is a place in the file, checked to be as long as its sizes need.
 * </ul>
 */
@NullMarked
package dev.cresset.pt2;

import org.jspecify.annotations.NullMarked;
