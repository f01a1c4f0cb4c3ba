namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>Decodes a picture file to bytes of a given size: upright, on white, cropped at the centre to the shape asked for, resized. Thread safe.</summary>
/// <param name="shape">[C, H, W]; 1 channel (luma of Rec. 601) or 3 (red, green, blue).</param>
/// <param name="maximumEnlargement">The most a picture may be enlarged.</param>
internal sealed class ImageDecoder(DataShape shape, double maximumEnlargement)
{
    private readonly int _channels = shape.Dimensions[0];
    private readonly int _height = shape.Dimensions[1];
    private readonly int _width = shape.Dimensions[2];

    // As many cores as there are would need as many times the memory of the largest picture: only small ones are decoded side by side.
    private readonly SharedRoom _room = new(DecodedPicture.PixelLimit);

    /// <summary>Reads a file.</summary>
    /// <returns>[C, H, W], a byte each.</returns>
    /// <exception cref="InvalidDataException">The file can not be used; names it and says why.</exception>
    public byte[] Decode(string path)
    {
        try
        {
            using var picture = new PictureSource(path);
            using (_room.Take(picture.Pixels))
                return Fit(picture.Decode(), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"'{path}' can not be read: {exception.Message}", exception);
        }
        catch (OutOfMemoryException exception)
        {
            throw new InvalidDataException($"'{path}' is too large for the memory that is left.", exception);
        }
    }

    private byte[] Fit(DecodedPicture picture, string path)
    {
        double enlargement = Math.Max((double)_width / picture.Width, (double)_height / picture.Height);
        if (enlargement > maximumEnlargement)
            throw new InvalidDataException(
                $"'{path}' is too small: its {picture.Width} × {picture.Height} pixels would be enlarged {enlargement:0.#} times to fill {_width} × {_height}, at most {maximumEnlargement:0.#} is allowed.");

        // The largest centred rectangle of the aspect asked for.
        double scale = Math.Min((double)picture.Width / _width, (double)picture.Height / _height);
        int cropWidth = Math.Clamp((int)Math.Round(_width * scale), 1, picture.Width);
        int cropHeight = Math.Clamp((int)Math.Round(_height * scale), 1, picture.Height);
        byte[] result = new byte[shape.Size];
        byte[] plane = new byte[picture.Width * picture.Height];
        for (int channel = 0; channel < _channels; channel++)
        {
            picture.FillPlane(plane, _channels == 1 ? null : channel);
            Resampler.Resize(
                plane, picture.Width, (picture.Width - cropWidth) / 2, (picture.Height - cropHeight) / 2, cropWidth, cropHeight,
                result.AsSpan(channel * _width * _height, _width * _height), _width, _height);
        }
        return result;
    }
}
