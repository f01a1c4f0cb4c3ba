namespace Tables;

// <snippet>
/// <summary>A row as the generator makes it.</summary>
internal sealed class Made
{
    public string Group { get; set; } = "";

    public float[] Sample { get; set; } = [];
}
// </snippet>
