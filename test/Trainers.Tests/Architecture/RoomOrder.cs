using System.Text.RegularExpressions;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>The rooms of a project, from the ground up, as docs/architecture.md lists them: the one place where the order stands.</summary>
/// <param name="Project">The folder of the project below src.</param>
/// <param name="Rooms">The names of its folders.</param>
internal sealed record RoomOrder(string Project, List<string> Rooms)
{
    /// <summary>The orders of all projects.</summary>
    /// <param name="text">The page.</param>
    public static IReadOnlyList<RoomOrder> Read(string text)
    {
        var orders = new List<RoomOrder>();
        foreach (string line in text.Split('\n'))
        {
            if (Regex.Match(line, @"^### Rooms of `src/([\w.]+)`") is { Success: true } heading)
                orders.Add(new RoomOrder(heading.Groups[1].Value, []));
            else if (orders.Count > 0 && Regex.Match(line, @"^\| `(\w+)` \|") is { Success: true } row)
                orders[^1].Rooms.Add(row.Groups[1].Value);
        }
        return orders;
    }

    /// <summary>The place of a file's room; -1 for a file in no room, or in one that the page does not list.</summary>
    /// <param name="file">The file, as a path below src with slashes.</param>
    public int PlaceOf(string file) => file.Split('/') is [_, var room, _, ..] ? Rooms.IndexOf(room) : -1;
}
