using Microsoft.ML.Data;

namespace Quickstart;

/// <summary>A row of the data set: the dimensions of the vector say that it is a picture.</summary>
internal sealed class ShapePicture
{
    public string Label { get; set; } = "";

    [VectorType(3, 16, 16)]
    public float[] Pixels { get; set; } = [];
}
