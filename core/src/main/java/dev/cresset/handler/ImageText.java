package dev.cresset.handler;

import java.util.Base64;

/** An image in base64, which is how a request of text carries one. */
final class ImageText {

    private ImageText() {}

    /** The image that the text stands for; what is no base64 of a JPEG or PNG stays what it is. */
    static byte[] decoded(byte[] request) {
        if (isImage(request)) {
            return request;
        }
        try {
            // The decoder for mail skips line ends and other characters, as Python's does.
            byte[] image = Base64.getMimeDecoder().decode(request);
            return isImage(image) ? image : request;
        } catch (IllegalArgumentException e) {
            return request;
        }
    }

    private static boolean isImage(byte[] bytes) {
        return bytes.length > 2
                && (((bytes[0] & 0xff) == 0xff && (bytes[1] & 0xff) == 0xd8)
                        || ((bytes[0] & 0xff) == 0x89 && bytes[1] == 'P'));
    }
}
